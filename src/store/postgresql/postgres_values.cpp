#include "store/postgresql/postgres_values.hpp"

#include <bit>
#include <charconv>
#include <limits>
#include <utility>

namespace errand::sql {
namespace {

constexpr std::pair<Oid, Oid> arrays[] = {{1000, oid::boolean},
                                          {1001, oid::bytea},
                                          {1005, oid::int2},
                                          {1007, oid::int4},
                                          {1009, oid::text},
                                          {1015, oid::varchar},
                                          {1016, oid::int8},
                                          {1021, oid::float4},
                                          {1022, oid::float8},
                                          {1115, oid::timestamp},
                                          {1185, oid::timestamptz},
                                          {199, oid::json},
                                          {3807, oid::jsonb}};

constexpr char jsonb_version = 1;

/// Big-endian, as the protocol has it.
template <typename Unsigned>
void append_bits(std::string& out, Unsigned bits) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(bits >> shift)));
}

template <typename Integer>
void append_integer(std::string& out, std::int64_t value) {
  if (value < std::numeric_limits<Integer>::min() || value > std::numeric_limits<Integer>::max())
    throw Error{ErrorKind::invalid,
                "the value " + std::to_string(value) + " does not fit its database column"};
  append_bits(out, static_cast<std::make_unsigned_t<Integer>>(value));
}

/// The bytes' number, sign-extended from their size.
std::int64_t integer_of(std::string_view bytes) {
  std::uint64_t bits = !bytes.empty() && (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes)
    bits = bits << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

/// 'infinity' is the greatest number there is: it stays that.
std::int64_t since_1970(std::int64_t since_2000) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return since_2000 > most - postgres_epoch_us ? most : since_2000 + postgres_epoch_us;
}

bool append_whole(std::string& out, Oid type, std::int64_t value) {
  switch (type) {
    case oid::boolean:
      out.push_back(value != 0 ? '\1' : '\0');
      return true;
    case oid::int2:
      append_integer<std::int16_t>(out, value);
      return true;
    case oid::int4:
      append_integer<std::int32_t>(out, value);
      return true;
    case oid::int8:
      append_integer<std::int64_t>(out, value);
      return true;
    case oid::timestamp:
    case oid::timestamptz:
      if (value < std::numeric_limits<std::int64_t>::min() + postgres_epoch_us)
        throw Error{ErrorKind::invalid, "an instant lies before everything the database can hold"};
      append_integer<std::int64_t>(out, value - postgres_epoch_us);
      return true;
    case oid::float4:
    case oid::float8:
      return append_binary(out, type, Param{static_cast<double>(value)});
    default:
      return is_text(type) && append_binary(out, type, Param{std::to_string(value)});
  }
}

bool append_real(std::string& out, Oid type, double value) {
  if (type == oid::float8)
    append_bits(out, std::bit_cast<std::uint64_t>(value));
  else if (type == oid::float4)
    append_bits(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  else
    return false;
  return true;
}

bool append_bytes(std::string& out, Oid type, std::string_view value) {
  if (type == oid::jsonb)
    out.push_back(jsonb_version);
  else if (!is_text(type) && type != oid::bytea)
    return false;
  out.append(value);
  return true;
}

std::string real_text(double value) {
  char digits[32];
  const auto [end, failure] = std::to_chars(std::begin(digits), std::end(digits), value);
  return {digits, end};
}

}  // namespace

Oid element_of(Oid type) noexcept {
  for (const auto& [array, element] : arrays)
    if (array == type)
      return element;
  return 0;
}

bool is_text(Oid type) noexcept {
  return type == oid::text || type == oid::varchar || type == oid::bpchar || type == oid::name ||
         type == oid::json || type == oid::unknown;
}

bool append_binary(std::string& out, Oid type, const Param& value) {
  switch (value.kind()) {
    case Param::Kind::integer:
    case Param::Kind::time:
      return append_whole(out, type, value.integer());
    case Param::Kind::real:
      return append_real(out, type, value.real());
    case Param::Kind::text:
      return append_bytes(out, type, value.text());
    case Param::Kind::null:
      break;
  }
  return false;
}

std::string text_form(const Param& value) {
  switch (value.kind()) {
    case Param::Kind::integer:
      return std::to_string(value.integer());
    case Param::Kind::real:
      return real_text(value.real());
    default:
      return std::string{value.text()};
  }
}

void append_field(std::string& out, Oid type, const Param& value) {
  constexpr std::uint32_t null_length = 0xffffffffU;
  constexpr std::size_t length_size = 4;
  if (value.kind() == Param::Kind::null)
    return append_bits(out, null_length);
  const std::size_t start = out.size();
  append_bits(out, std::uint32_t{0});
  if (!append_binary(out, type, value))
    throw Error{ErrorKind::bug, "a value is not of its column's type"};
  std::string length;
  append_bits(length, static_cast<std::uint32_t>(out.size() - start - length_size));
  out.replace(start, length_size, length);
}

void append_array(std::string& out, Oid element, std::span<const Param> values) {
  append_bits(out, std::uint32_t{1});  // dimensions
  append_bits(out, std::uint32_t{1});  // there may be NULLs
  append_bits(out, std::uint32_t{element});
  append_bits(out, static_cast<std::uint32_t>(values.size()));
  append_bits(out, std::uint32_t{1});  // the first index
  for (const Param& value : values)
    append_field(out, element, value);
}

std::optional<std::int64_t> integer_from(Oid type, std::string_view bytes) {
  switch (type) {
    case oid::boolean:
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::number:
      return integer_of(bytes);
    case oid::timestamp:
    case oid::timestamptz:
      return since_1970(integer_of(bytes));
    case oid::none:
      return 0;
    default:
      if (const auto real = real_from(type, bytes))
        return static_cast<std::int64_t>(*real);
      return std::nullopt;
  }
}

std::optional<double> real_from(Oid type, std::string_view bytes) {
  if (type == oid::float8)
    return std::bit_cast<double>(integer_of(bytes));
  if (type == oid::float4)
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(integer_of(bytes))));
  if (type == oid::int2 || type == oid::int4 || type == oid::int8)
    return static_cast<double>(integer_of(bytes));
  return std::nullopt;
}

std::optional<std::string_view> text_from(Oid type, std::string_view bytes) {
  if (type == oid::jsonb)
    return bytes.substr(bytes.empty() ? 0 : 1);
  if (is_text(type) || type == oid::bytea || type == oid::none)
    return bytes;
  return std::nullopt;
}

}  // namespace errand::sql
