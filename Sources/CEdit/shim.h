#include <editline/readline.h>
#include <errno.h>
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

// The next byte that is typed; -1 at the end of the input.
static inline int lianhu_byte(void) {
    unsigned char byte;
    ssize_t count;
    do {
        count = read(STDIN_FILENO, &byte, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1 ? byte : -1;
}

// The next character that is typed. What is not UTF-8 is U+FFFD: libedit itself passes over it, and
// what is left reads as another word.
static inline int lianhu_character(FILE *stream) {
    static int waiting = -1;
    (void)stream;
    int first = waiting >= 0 ? waiting : lianhu_byte();
    waiting = -1;
    if (first < 0x80) return first;
    int count = first >= 0xF5 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
    if (count == 0) return 0xFFFD;
    int character = first & (0x3F >> count);
    for (int place = 0; place < count; place++) {
        int next = lianhu_byte();
        if ((next & 0xC0) != 0x80 || next < 0) {
            waiting = next;
            return 0xFFFD;
        }
        character = character << 6 | (next & 0x3F);
    }
    int least = count == 3 ? 0x10000 : count == 2 ? 0x800 : 0x80;
    int is_scalar = character >= least && character <= 0x10FFFF && (character & ~0x7FF) != 0xD800;
    return is_scalar ? character : 0xFFFD;
}

static inline void lianhu_read_strict_utf8(void) { rl_getc_function = lianhu_character; }
