/* Timers: a binary heap of deadlines. A fiber waits for one thing at a time, so it has one timer at
 * most, and the heap never outgrows the number of fibers. Most deadlines are set later than all
 * before them and taken away unused: both ends of that are a handful of comparisons. */
#include "base/runtime/inner.h"

static void put(struct timer_heap *heap, uint32_t place, struct timer timer) {
    heap->at[place] = timer;
    timer.fiber->timer_place = place + 1;
}

static void sift_up(struct timer_heap *heap, uint32_t place, struct timer timer) {
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (heap->at[parent].at_ns <= timer.at_ns) break;
        put(heap, place, heap->at[parent]);
        place = parent;
    }
    put(heap, place, timer);
}

static void sift_down(struct timer_heap *heap, uint32_t place, struct timer timer) {
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->count) break;
        if (child + 1 < heap->count && heap->at[child + 1].at_ns < heap->at[child].at_ns) child++;
        if (timer.at_ns <= heap->at[child].at_ns) break;
        put(heap, place, heap->at[child]);
        place = child;
    }
    put(heap, place, timer);
}

void timer_add(struct timer_heap *heap, struct fiber *fiber, int64_t at_ns) {
    assert(fiber->timer_place == 0);
    assert(heap->count < heap->cap);
    sift_up(heap, heap->count++, (struct timer){at_ns, fiber});
}

void timer_remove(struct timer_heap *heap, struct fiber *fiber) {
    if (fiber->timer_place == 0) return;
    uint32_t place = fiber->timer_place - 1;
    assert(heap->at[place].fiber == fiber);
    fiber->timer_place = 0;
    struct timer last = heap->at[--heap->count];
    if (place == heap->count) return;
    if (place > 0 && last.at_ns < heap->at[(place - 1) / 2].at_ns)
        sift_up(heap, place, last);
    else
        sift_down(heap, place, last);
}

struct fiber *timer_pop_due(struct timer_heap *heap, int64_t now_ns) {
    if (heap->count == 0 || heap->at[0].at_ns > now_ns) return NULL;
    struct fiber *fiber = heap->at[0].fiber;
    timer_remove(heap, fiber);
    return fiber;
}
