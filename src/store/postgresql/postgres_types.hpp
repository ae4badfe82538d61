#pragma once

#include <cstdint>

namespace errand::sql {

/// Types as the server numbers them: the built-in ones have the same number everywhere.
using Oid = unsigned int;

namespace oid {

inline constexpr Oid boolean = 16;
inline constexpr Oid bytea = 17;
inline constexpr Oid name = 19;
inline constexpr Oid int8 = 20;
inline constexpr Oid int2 = 21;
inline constexpr Oid int4 = 23;
inline constexpr Oid text = 25;
inline constexpr Oid number = 26;
inline constexpr Oid json = 114;
inline constexpr Oid float4 = 700;
inline constexpr Oid float8 = 701;
inline constexpr Oid unknown = 705;
inline constexpr Oid bpchar = 1042;
inline constexpr Oid varchar = 1043;
inline constexpr Oid timestamp = 1114;
inline constexpr Oid timestamptz = 1184;
inline constexpr Oid none = 2278;
inline constexpr Oid jsonb = 3802;

}  // namespace oid

/// The type of an array's elements; 0 when `type` is no array that errand sends.
[[nodiscard]] Oid element_of(Oid type) noexcept;

/// What is sent and received as the bytes it consists of.
[[nodiscard]] bool is_text(Oid type) noexcept;

/// PostgreSQL counts microseconds from 2000-01-01.
inline constexpr std::int64_t postgres_epoch_us = 946'684'800'000'000;

}  // namespace errand::sql
