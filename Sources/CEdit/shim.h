#include <editline/readline.h>
#include <stddef.h>

// POSIX has it; the C library shows it to C programs that ask for it.
extern int wcwidth(wchar_t character);

static inline int lianhu_width(unsigned character) { return wcwidth((wchar_t)character); }
