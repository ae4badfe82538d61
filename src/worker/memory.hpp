#pragma once

#include <cstdint>

namespace errand {

/// Resident memory of this process, from /proc.
[[nodiscard]] std::int64_t resident_bytes();

/// From now on what a batch of jobs takes stays with the process when it is freed, for the next
/// batch: memory that is new from the system costs a page fault for each 4 KB. Blocks of 1 MB or
/// more go back at once, and so does what lies above 4 MB at the end of a heap. Where the
/// environment says how it is to be, it stays so: MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_,
/// or a threshold in GLIBC_TUNABLES. Does nothing beside another allocator than glibc's. Call
/// before the first thread.
void keep_memory_of_batches();

/// What is free goes back to the system, if it was kept: of all heaps, and the end of this
/// thread's. Takes some ten microseconds. Any thread.
void return_free_memory();

}  // namespace errand
