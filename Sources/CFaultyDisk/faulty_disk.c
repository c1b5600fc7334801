#define _GNU_SOURCE
#include "faulty_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

// A write that no sync has covered yet, with what was there before.
typedef struct pending {
    struct pending *next;
    char path[512];
    ino_t inode;            // of the file: another one may have its name since
    sqlite3_int64 offset;
    int count;              // bytes written
    int before;             // bytes that were there before, at most count
    sqlite3_int64 size;     // size of the file before
    unsigned char *old;
} pending;

typedef struct {
    sqlite3_file base;
    sqlite3_file *real;
    char path[512];
} faulty_file;

static sqlite3_vfs *system_vfs;
static sqlite3_vfs faulty_vfs;
static sqlite3_io_methods methods;

// Guards all that follows: databases that no fault concerns are written on other threads.
static pthread_mutex_t guard = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char watched_path[512];
static char armed_path[512];
static int is_armed, has_happened, is_dead;
static faulty_disk_fault armed_fault;
static int operations_left;
static uint64_t random_state;
static pending *pendings;

static uint64_t next_random(void) {
    uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int concerns(const char *path) {
    return is_armed && path[0] != 0 && strstr(path, armed_path) != NULL;
}

// Writes to it are remembered until they are synchronised, whether a fault is near or not.
static int is_watched(const char *path) {
    return watched_path[0] != 0 && strstr(path, watched_path) != NULL;
}

static ino_t inode(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

// Forgets the writes to one file, or to all whose path contains a text.
static void forget(const char *text, int exactly) {
    pending **link = &pendings;
    while (*link) {
        pending *entry = *link;
        if (exactly ? strcmp(entry->path, text) == 0 : strstr(entry->path, text) != NULL) {
            *link = entry->next;
            free(entry->old);
            free(entry);
        } else {
            link = &entry->next;
        }
    }
}

// Counts an operation. Returns the error it fails with, or SQLITE_OK.
static int operation(const char *path, int is_sync, int error) {
    if (!concerns(path)) return SQLITE_OK;
    if (is_dead) return error;
    if (has_happened) return armed_fault == FAULTY_DISK_FULL && !is_sync ? SQLITE_FULL : SQLITE_OK;
    if (armed_fault == FAULTY_DISK_SYNC_ERROR && !is_sync) return SQLITE_OK;
    if (armed_fault == FAULTY_DISK_WRITE_ERROR && is_sync) return SQLITE_OK;
    if (armed_fault == FAULTY_DISK_FULL && is_sync) return SQLITE_OK;
    if (--operations_left > 0) return SQLITE_OK;
    has_happened = 1;
    if (armed_fault == FAULTY_DISK_KILL || armed_fault == FAULTY_DISK_POWER) is_dead = 1;
    return armed_fault == FAULTY_DISK_FULL ? SQLITE_FULL : error;
}

static int guarded_operation(const char *path, int is_sync, int error) {
    pthread_mutex_lock(&guard);
    int result = operation(path, is_sync, error);
    pthread_mutex_unlock(&guard);
    return result;
}

static int is_dead_at(const char *path) {
    pthread_mutex_lock(&guard);
    int answer = is_dead && concerns(path);
    pthread_mutex_unlock(&guard);
    return answer;
}

static int dead(faulty_file *file) { return is_dead_at(file->path); }

static void remember(faulty_file *file, sqlite3_int64 offset, int count) {
    pending *entry = calloc(1, sizeof *entry);
    snprintf(entry->path, sizeof entry->path, "%s", file->path);
    entry->inode = inode(file->path);
    entry->offset = offset;
    entry->count = count;
    file->real->pMethods->xFileSize(file->real, &entry->size);
    if (offset < entry->size) {
        sqlite3_int64 rest = entry->size - offset;
        entry->before = rest < count ? (int)rest : count;
        entry->old = malloc((size_t)entry->before);
        if (file->real->pMethods->xRead(file->real, entry->old, entry->before, offset) != SQLITE_OK)
            entry->before = 0;
    }
    entry->next = pendings;
    pendings = entry;
}

static int fd_close(sqlite3_file *base) {
    faulty_file *file = (faulty_file *)base;
    int result = file->real->pMethods ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
    free(file->real);
    file->real = NULL;
    return result;
}

static int fd_read(sqlite3_file *base, void *buffer, int count, sqlite3_int64 offset) {
    faulty_file *file = (faulty_file *)base;
    if (dead(file)) return SQLITE_IOERR_READ;
    return file->real->pMethods->xRead(file->real, buffer, count, offset);
}

static int fd_write(sqlite3_file *base, const void *buffer, int count, sqlite3_int64 offset) {
    faulty_file *file = (faulty_file *)base;
    pthread_mutex_lock(&guard);
    int error = operation(file->path, 0, SQLITE_IOERR_WRITE);
    if (is_watched(file->path) && !dead(file)) remember(file, offset, count);
    if (error != SQLITE_OK) {
        // A write that dies half-way leaves its first half.
        if (has_happened && operations_left == 0 && is_dead) {
            operations_left = -1;
            remember(file, offset, count);
            file->real->pMethods->xWrite(file->real, buffer, count / 2, offset);
        }
    }
    pthread_mutex_unlock(&guard);
    if (error != SQLITE_OK) return error;
    return file->real->pMethods->xWrite(file->real, buffer, count, offset);
}

static int fd_truncate(sqlite3_file *base, sqlite3_int64 size) {
    faulty_file *file = (faulty_file *)base;
    int error = guarded_operation(file->path, 0, SQLITE_IOERR_TRUNCATE);
    if (error != SQLITE_OK) return error;
    return file->real->pMethods->xTruncate(file->real, size);
}

static int fd_sync(sqlite3_file *base, int flags) {
    faulty_file *file = (faulty_file *)base;
    int error = guarded_operation(file->path, 1, SQLITE_IOERR_FSYNC);
    if (error != SQLITE_OK) return error;
    int result = file->real->pMethods->xSync(file->real, flags);
    if (result == SQLITE_OK) {
        pthread_mutex_lock(&guard);
        forget(file->path, 1);
        pthread_mutex_unlock(&guard);
    }
    return result;
}

static int fd_size(sqlite3_file *base, sqlite3_int64 *size) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xFileSize(file->real, size);
}

static int fd_lock(sqlite3_file *base, int level) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xLock(file->real, level);
}

static int fd_unlock(sqlite3_file *base, int level) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xUnlock(file->real, level);
}

static int fd_reserved(sqlite3_file *base, int *out) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xCheckReservedLock(file->real, out);
}

static int fd_control(sqlite3_file *base, int op, void *argument) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xFileControl(file->real, op, argument);
}

static int fd_sector(sqlite3_file *base) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xSectorSize(file->real);
}

static int fd_device(sqlite3_file *base) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xDeviceCharacteristics(file->real);
}

static int fd_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out) {
    faulty_file *file = (faulty_file *)base;
    if (dead(file)) return SQLITE_IOERR_SHMMAP;
    return file->real->pMethods->xShmMap(file->real, page, size, extend, out);
}

static int fd_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void fd_shm_barrier(sqlite3_file *base) {
    faulty_file *file = (faulty_file *)base;
    file->real->pMethods->xShmBarrier(file->real);
}

static int fd_shm_unmap(sqlite3_file *base, int deleting) {
    faulty_file *file = (faulty_file *)base;
    return file->real->pMethods->xShmUnmap(file->real, deleting);
}

static int fd_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *out) {
    faulty_file *file = (faulty_file *)base;
    memset(file, 0, sizeof *file);
    if (name) snprintf(file->path, sizeof file->path, "%s", name);
    if (dead(file)) return SQLITE_CANTOPEN;
    file->real = calloc(1, (size_t)system_vfs->szOsFile);
    if (!file->real) return SQLITE_NOMEM;
    int result = system_vfs->xOpen(system_vfs, name, file->real, flags, out);
    if (result != SQLITE_OK) {
        free(file->real);
        file->real = NULL;
        return result;
    }
    base->pMethods = &methods;
    return SQLITE_OK;
}

static int fd_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    // The files of a dead process stay; the next process must recover from them.
    if (is_dead_at(name)) return SQLITE_IOERR_DELETE;
    pthread_mutex_lock(&guard);
    forget(name, 1);
    pthread_mutex_unlock(&guard);
    return system_vfs->xDelete(system_vfs, name, sync);
}

static int fd_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    return system_vfs->xAccess(system_vfs, name, flags, out);
}

static int fd_path(sqlite3_vfs *vfs, const char *name, int count, char *out) {
    return system_vfs->xFullPathname(system_vfs, name, count, out);
}

int faulty_disk_install(void) {
    if (system_vfs) return SQLITE_OK;
    system_vfs = sqlite3_vfs_find(NULL);
    if (!system_vfs) return SQLITE_ERROR;
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty-disk";
    faulty_vfs.pNext = NULL;
    faulty_vfs.szOsFile = (int)sizeof(faulty_file);
    faulty_vfs.xOpen = fd_open;
    faulty_vfs.xDelete = fd_delete;
    faulty_vfs.xAccess = fd_access;
    faulty_vfs.xFullPathname = fd_path;
    methods = (sqlite3_io_methods){
        .iVersion = 2, .xClose = fd_close, .xRead = fd_read, .xWrite = fd_write,
        .xTruncate = fd_truncate, .xSync = fd_sync, .xFileSize = fd_size, .xLock = fd_lock,
        .xUnlock = fd_unlock, .xCheckReservedLock = fd_reserved, .xFileControl = fd_control,
        .xSectorSize = fd_sector, .xDeviceCharacteristics = fd_device, .xShmMap = fd_shm_map,
        .xShmLock = fd_shm_lock, .xShmBarrier = fd_shm_barrier, .xShmUnmap = fd_shm_unmap,
    };
    return sqlite3_vfs_register(&faulty_vfs, 1);
}

void faulty_disk_watch(const char *path) {
    pthread_mutex_lock(&guard);
    if (watched_path[0] != 0) forget(watched_path, 0);
    snprintf(watched_path, sizeof watched_path, "%s", path);
    pthread_mutex_unlock(&guard);
}

void faulty_disk_arm(const char *path, faulty_disk_fault fault, int operations, uint64_t seed) {
    pthread_mutex_lock(&guard);
    snprintf(armed_path, sizeof armed_path, "%s", path);
    armed_fault = fault;
    operations_left = operations;
    random_state = seed;
    has_happened = 0;
    is_dead = 0;
    is_armed = 1;
    pthread_mutex_unlock(&guard);
}

// Takes back what the power failure took, the newest first: a write may be gone, torn at a sector,
// or there.
static void lose(void) {
    for (pending *entry = pendings; entry; entry = entry->next) {
        if (!concerns(entry->path) || inode(entry->path) != entry->inode) continue;
        uint64_t choice = next_random() % 3;
        if (choice == 2) continue;
        int from = 0;
        if (choice == 1 && entry->count > 512)
            from = (int)(next_random() % (uint64_t)(entry->count / 512)) * 512;
        int fd = open(entry->path, O_RDWR | O_CLOEXEC);
        if (fd < 0) continue;
        if (entry->before > from)
            (void)!pwrite(fd, entry->old + from, (size_t)(entry->before - from), entry->offset + from);
        sqlite3_int64 end = entry->offset + (from > entry->before ? from : entry->before);
        sqlite3_int64 size = lseek(fd, 0, SEEK_END);
        if (entry->offset + entry->count >= size && entry->before < entry->count && end < size)
            (void)!ftruncate(fd, end);
        close(fd);
    }
}

int faulty_disk_disarm(void) {
    pthread_mutex_lock(&guard);
    int happened = has_happened;
    if (happened && armed_fault == FAULTY_DISK_POWER) {
        lose();
        forget(armed_path, 0);
    }
    is_armed = is_dead = has_happened = 0;
    pthread_mutex_unlock(&guard);
    return happened;
}
