/*
 * Included before everything else when native modules are compiled (setup.mjs). From 24.19 on Node's own header lets each
 * wrapped object take a cleanup hook back when it is collected, which ends the process whenever no context is entered then.
 * better-sqlite3 cleans up by itself, so its objects take none, as with every Node before.
 */
#include <node.h>
#define AddEnvironmentCleanupHook(...) ((void)0)
#define RemoveEnvironmentCleanupHook(...) ((void)0)
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
