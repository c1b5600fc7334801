#define NCURSES_WIDECHAR 1
#include <ncursesw/curses.h>
#include <locale.h>

// What curses.h gives as macros that Swift cannot see.

static inline int lianhu_attribute(int bold, int dim, int reverse, short pair) {
    return (int)((bold ? A_BOLD : 0) | (dim ? A_DIM : 0) | (reverse ? A_REVERSE : 0) |
                 COLOR_PAIR(pair));
}

static inline void lianhu_set_attribute(int attribute) { (void)attrset(attribute); }

static inline int lianhu_lines(void) { return LINES; }

static inline int lianhu_columns(void) { return COLS; }

// A screen on standard input and output; NULL where the terminal cannot show one.
static inline SCREEN *lianhu_open_screen(void) {
    SCREEN *screen = newterm(NULL, stdout, stdin);
    if (!screen) return NULL;
    set_term(screen);
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(40);
    // A change of size is told to whatever thread; so a wait for a key ends now and then to look.
    timeout(200);
    return screen;
}

// A line of UTF-8 at a place; what does not fit is cut by the caller.
static inline void lianhu_write(int row, int column, const char *text) {
    (void)mvaddstr(row, column, text);
}

// The next key: a code point, or a function key with *is_key set; -1 when none comes in time. What is
// not UTF-8 is U+FFFD: ncurses itself would swallow it, with what is typed after it.
static inline int lianhu_key(int *is_key) {
    int first = getch();
    *is_key = first > 0xFF;
    if (first == ERR) return -1;
    if (first < 0x80 || *is_key) return first;
    int count = first >= 0xF5 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
    if (count == 0) return 0xFFFD;
    int character = first & (0x3F >> count);
    for (int place = 0; place < count; place++) {
        int next = getch();
        if (next == ERR || (next & ~0x3F) != 0x80) {
            if (next != ERR) (void)ungetch(next);
            return 0xFFFD;
        }
        character = character << 6 | (next & 0x3F);
    }
    int least = count == 3 ? 0x10000 : count == 2 ? 0x800 : 0x80;
    int is_scalar = character >= least && character <= 0x10FFFF && (character & ~0x7FF) != 0xD800;
    return is_scalar ? character : 0xFFFD;
}
