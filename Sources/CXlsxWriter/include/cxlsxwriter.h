#ifndef LIANHU_CXLSXWRITER_H
#define LIANHU_CXLSXWRITER_H

#include <xlsxwriter.h>

// The functions of libxlsxwriter that are used. Only an export of forms needs it, so it is loaded
// by that.
struct lianhu_xlsx {
    lxw_workbook *(*workbook_new)(const char *filename);
    lxw_worksheet *(*workbook_add_worksheet)(lxw_workbook *workbook, const char *name);
    lxw_format *(*workbook_add_format)(lxw_workbook *workbook);
    void (*format_set_bold)(lxw_format *format);
    lxw_error (*worksheet_write_string)(
        lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
        lxw_format *format);
    lxw_error (*workbook_close)(lxw_workbook *workbook);
};

// NULL when the library is not there.
const struct lianhu_xlsx *lianhu_xlsx_load(void);

#endif
