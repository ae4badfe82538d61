#pragma once

#include <cstdint>

namespace errand {

/// Resident memory of this process, from /proc.
[[nodiscard]] std::int64_t resident_bytes();

/// From now on a block of 128 KB or more goes back to the system when it is freed. glibc begins so,
/// but keeps blocks as large as the largest that was ever freed: for a worker, what its largest
/// batch of jobs took. Does nothing beside another allocator, or where the environment says how it
/// is to be: MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_, or a threshold in GLIBC_TUNABLES. Call
/// before the first thread.
void return_large_blocks();

}  // namespace errand
