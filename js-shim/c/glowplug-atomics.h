/* What QuickJS needs for `Atomics` where there are no threads; included before each of its files.
 *
 * QuickJS leaves `Atomics` out where it finds Emscripten, which rquickjs-sys says of Wasm. One thread needs no locks, and
 * nothing waits: `Atomics.wait` throws before it comes to that, since the runtime may not block.
 */
#ifndef GLOWPLUG_ATOMICS_H
#define GLOWPLUG_ATOMICS_H

#include <stdatomic.h>
#include <stdint.h>

#define CONFIG_ATOMICS

typedef char js_mutex_t, js_cond_t, js_once_t;
#define JS_ONCE_INIT 0

static inline void js_once(js_once_t *once, void (*callback)(void)) {
    if (!*once) {
        *once = 1;
        callback();
    }
}
static inline void js_mutex_init(js_mutex_t *mutex) { (void)mutex; }
static inline void js_mutex_lock(js_mutex_t *mutex) { (void)mutex; }
static inline void js_mutex_unlock(js_mutex_t *mutex) { (void)mutex; }
static inline void js_cond_init(js_cond_t *cond) { (void)cond; }
static inline void js_cond_destroy(js_cond_t *cond) { (void)cond; }
static inline void js_cond_signal(js_cond_t *cond) { (void)cond; }
static inline void js_cond_wait(js_cond_t *cond, js_mutex_t *mutex) {
    (void)cond;
    (void)mutex;
    __builtin_trap();
}
static inline int js_cond_timedwait(js_cond_t *cond, js_mutex_t *mutex, uint64_t timeout) {
    (void)timeout;
    js_cond_wait(cond, mutex);
    return -1;
}

#endif
