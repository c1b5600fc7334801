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

// The next key: a code point, or a function key with *is_key set; -1 when none comes in time.
static inline int lianhu_key(int *is_key) {
    wint_t key = 0;
    int result = get_wch(&key);
    *is_key = result == KEY_CODE_YES;
    return result == ERR ? -1 : (int)key;
}
