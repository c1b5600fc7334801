#include <editline/readline.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

// POSIX has it; the C library shows it to C programs that ask for it.
extern int wcwidth(wchar_t character);

static inline int lianhu_width(unsigned character) { return wcwidth((wchar_t)character); }

// libedit takes the terminal over after it has shown the prompt. What a fast typist or a paste brings
// in between would be edited by the kernel, which takes characters apart: so it is told before.
static inline int lianhu_before_the_prompt(void) {
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) != 0) return 0;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

static inline void lianhu_edit_from_the_prompt_on(void) {
    rl_pre_input_hook = (rl_hook_func_t *)lianhu_before_the_prompt;
}
