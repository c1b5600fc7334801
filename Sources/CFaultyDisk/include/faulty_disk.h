// A disk that fails when told: an SQLite VFS in front of the system's own.
//
// For simulations only. One fault at a time, for the files whose path contains a text.
#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include <stdint.h>

typedef enum {
    // The process dies at an operation: nothing after it happens, what was written stays.
    FAULTY_DISK_KILL,
    // The power fails: of what was written since the last sync, any part may be missing or torn.
    FAULTY_DISK_POWER,
    // One write fails.
    FAULTY_DISK_WRITE_ERROR,
    // One sync fails.
    FAULTY_DISK_SYNC_ERROR,
    // From an operation on there is no room.
    FAULTY_DISK_FULL,
} faulty_disk_fault;

// Makes this the default VFS of the process. Returns an SQLite result code.
int faulty_disk_install(void);

// From now on writes to files whose path contains a text are remembered until they are synchronised: a
// power failure may take them back, however long ago they were. Ends what was watched before; an empty
// text watches nothing.
void faulty_disk_watch(const char *path);

// The fault happens at the given operation from now on (1 is the next one).
void faulty_disk_arm(const char *path, faulty_disk_fault fault, int operations, uint64_t seed);

// Ends the fault. After KILL and POWER, close every connection to the files first: this puts the
// files into the state that the next process finds.
// Returns 1 when the fault happened.
int faulty_disk_disarm(void);

#endif
