#include "cxlsxwriter.h"

#include <dlfcn.h>

// Called by one thread.
const struct lianhu_xlsx *lianhu_xlsx_load(void) {
    static struct lianhu_xlsx xlsx;
    static int is_loaded;
    if (is_loaded) return &xlsx;
    void *library = dlopen("libxlsxwriter.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return 0;
    const struct {
        const char *name;
        void **function;
    } functions[] = {
        {"workbook_new", (void **)&xlsx.workbook_new},
        {"workbook_add_worksheet", (void **)&xlsx.workbook_add_worksheet},
        {"workbook_add_format", (void **)&xlsx.workbook_add_format},
        {"format_set_bold", (void **)&xlsx.format_set_bold},
        {"worksheet_write_string", (void **)&xlsx.worksheet_write_string},
        {"workbook_close", (void **)&xlsx.workbook_close},
    };
    for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++) {
        *functions[i].function = dlsym(library, functions[i].name);
        if (!*functions[i].function) return 0;
    }
    is_loaded = 1;
    return &xlsx;
}
