/* The recorder's second tap. On fibers over io_uring opening, writing and syncing are no calls of the C
 * library, so the preloaded recorder cannot see them: this stands in front of the disk seam
 * (base/disk.h) and tells it, after each of them came back, what it was. */
#ifndef AZEKURA_TESTS_LAB_RING_TAP_H
#define AZEKURA_TESTS_LAB_RING_TAP_H

/* Once, before fibers use files. Stops the program where no recorder is preloaded. */
void ring_tap_use(void);

#endif
