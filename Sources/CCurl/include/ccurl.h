#ifndef LIANHU_CCURL_H
#define LIANHU_CCURL_H

#include <curl/curl.h>

// The functions of libcurl that are used. Most commands never talk to a server, and libcurl brings
// two dozen libraries with it: it is loaded by the first command that does.
struct lianhu_curl {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *handle);
    void (*easy_reset)(CURL *handle);
    CURLcode (*easy_perform)(CURL *handle);
    const char *(*easy_strerror)(CURLcode status);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
};

// NULL when the library is not there.
const struct lianhu_curl *lianhu_curl_load(void);

// Swift cannot call variadic functions; each of these fixes the type of the last argument.

static inline CURLcode lianhu_curl_set_long(
    const struct lianhu_curl *curl, CURL *handle, CURLoption option, long value) {
    return (curl->easy_setopt)(handle, option, value);
}

static inline CURLcode lianhu_curl_set_text(
    const struct lianhu_curl *curl, CURL *handle, CURLoption option, const char *value) {
    return (curl->easy_setopt)(handle, option, value);
}

static inline CURLcode lianhu_curl_set_pointer(
    const struct lianhu_curl *curl, CURL *handle, CURLoption option, void *value) {
    return (curl->easy_setopt)(handle, option, value);
}

static inline CURLcode lianhu_curl_set_headers(
    const struct lianhu_curl *curl, CURL *handle, struct curl_slist *list) {
    return (curl->easy_setopt)(handle, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode lianhu_curl_set_write(
    const struct lianhu_curl *curl, CURL *handle,
    size_t (*function)(char *, size_t, size_t, void *), void *context) {
    CURLcode status = (curl->easy_setopt)(handle, CURLOPT_WRITEFUNCTION, function);
    return status != CURLE_OK ? status
                              : (curl->easy_setopt)(handle, CURLOPT_WRITEDATA, context);
}

static inline CURLcode lianhu_curl_get_long(
    const struct lianhu_curl *curl, CURL *handle, CURLINFO info, long *value) {
    return (curl->easy_getinfo)(handle, info, value);
}

#endif
