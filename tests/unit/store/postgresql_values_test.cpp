#include <limits>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "store/postgresql/postgres_parameters.hpp"
#include "store/postgresql/postgres_row.hpp"
#include "store/postgresql/postgres_values.hpp"

namespace errand::sql {
namespace {

using errand::testing::error_of;
using errand::testing::PostgresSession;
using errand::testing::shared_postgres_url;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;
using ::testing::HasSubstr;

std::string binary(Oid type, const Param& value) {
  std::string bytes;
  EXPECT_TRUE(append_binary(bytes, type, value));
  return bytes;
}

TEST(PostgresValues, NumbersAreBigEndianAndAsWideAsTheirType) {
  EXPECT_EQ(binary(oid::int2, 0x0102), std::string("\x01\x02", 2));
  EXPECT_EQ(binary(oid::int4, -2), std::string("\xff\xff\xff\xfe", 4));
  EXPECT_EQ(binary(oid::int8, 1), std::string("\0\0\0\0\0\0\0\1", 8));
  EXPECT_EQ(binary(oid::boolean, true), "\1");
  EXPECT_EQ(binary(oid::boolean, 0), std::string("\0", 1));
  EXPECT_EQ(binary(oid::float8, 1.0), std::string("\x3f\xf0\0\0\0\0\0\0", 8));
  EXPECT_EQ(binary(oid::float4, 1), std::string("\x3f\x80\0\0", 4));
}

TEST(PostgresValues, AnIntegerThatDoesNotFitIsRefusedInsteadOfCutOff) {
  std::string bytes;
  for (const std::int64_t value : {2147483648LL, -2147483649LL})
    EXPECT_EQ(error_of([&] { static_cast<void>(append_binary(bytes, oid::int4, value)); }).kind(),
              ErrorKind::invalid);
  EXPECT_EQ(error_of([&] { static_cast<void>(append_binary(bytes, oid::int2, 32768)); }).kind(),
            ErrorKind::invalid);
  EXPECT_EQ(binary(oid::int4, 2147483647), std::string("\x7f\xff\xff\xff", 4));
}

TEST(PostgresValues, InstantsCountFromTheYear2000) {
  EXPECT_EQ(binary(oid::timestamptz, postgres_epoch_us), std::string(8, '\0'));
  EXPECT_EQ(integer_from(oid::timestamptz, binary(oid::timestamptz, 1)), 1);
  EXPECT_EQ(integer_from(oid::timestamptz, binary(oid::timestamptz, -1)), -1);
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::string bytes;
  EXPECT_EQ(
      error_of([&] { static_cast<void>(append_binary(bytes, oid::timestamptz, least)); }).kind(),
      ErrorKind::invalid);
  const std::string infinity("\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
  EXPECT_EQ(integer_from(oid::timestamptz, infinity), std::numeric_limits<std::int64_t>::max());
}

TEST(PostgresValues, WhatATypeCannotHoldInBinaryIsLeftToTheServer) {
  std::string bytes;
  EXPECT_FALSE(append_binary(bytes, oid::int4, "12"));
  EXPECT_FALSE(append_binary(bytes, oid::text, 1.5));
  constexpr Oid numeric = 1700;
  EXPECT_FALSE(append_binary(bytes, numeric, 1));
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(text_form(-12), "-12");
  EXPECT_EQ(text_form(0.1), "0.1");
  EXPECT_EQ(text_form("a"), "a");
}

TEST(PostgresValues, JsonbHasAVersionInFront) {
  EXPECT_EQ(binary(oid::jsonb, "{}"), "\1{}");
  EXPECT_EQ(text_from(oid::jsonb, "\1{}"), "{}");
  EXPECT_EQ(text_from(oid::json, "{}"), "{}");
}

TEST(PostgresValues, ATypeThatHoldsNoSuchValueReadsAsNothing) {
  EXPECT_FALSE(integer_from(oid::text, "1"));
  EXPECT_FALSE(real_from(oid::text, "1"));
  EXPECT_FALSE(text_from(oid::int4, "abcd"));
}

TEST(PostgresValues, AnElementOfAnotherTypeIsABug) {
  std::string bytes;
  const std::vector<Param> texts{Param{"a"}};
  EXPECT_EQ(error_of([&] { append_array(bytes, oid::int4, texts); }).kind(), ErrorKind::bug);
}

/// Binary values go to the server and come back as it understood them.
class OnServer : public ::testing::Test {
 protected:
  Answer ask(const char* sql, std::span<const Oid> types, const PostgresParameters& parameters) {
    const EncodedValues values = parameters.encode(types, "asked");
    Answer answer{PQexecParams(session_.handle(),
                               sql,
                               values.size(),
                               types.data(),
                               values.values().data(),
                               values.lengths(),
                               values.formats(),
                               1),
                  &PQclear};
    EXPECT_EQ(PQresultStatus(answer.get()), PGRES_TUPLES_OK) << PQresultErrorMessage(answer.get());
    return answer;
  }

  PostgresSession session_{shared_postgres_url()};
};

TEST_F(OnServer, EveryTypeComesBackAsItWasSent) {
  const std::vector<Oid> types{oid::int2,
                               oid::int4,
                               oid::int8,
                               oid::boolean,
                               oid::float8,
                               oid::timestamptz,
                               oid::text,
                               oid::json};
  PostgresParameters sent;
  sent.set_all(
      -3, 70000, 5'000'000'000, true, 2.5, 1'800'000'000'123'456, "héé\"'\\", R"({"a":1})");
  const auto answer =
      ask("SELECT $1, $2, $3, $4, $5, $6, $7, $8, $6 = timestamptz "
          "'2027-01-15 08:00:00.123456+00', null::int",
          types,
          sent);
  const PostgresRow row{*answer, 0};
  EXPECT_EQ(row.integer(0), -3);
  EXPECT_EQ(row.integer(1), 70000);
  EXPECT_EQ(row.integer(2), 5'000'000'000);
  EXPECT_EQ(row.integer(3), 1);
  EXPECT_DOUBLE_EQ(row.real(4), 2.5);
  EXPECT_EQ(row.integer(5), 1'800'000'000'123'456);
  EXPECT_EQ(row.text(6), "héé\"'\\");
  EXPECT_EQ(row.text(7), R"({"a":1})");
  EXPECT_EQ(row.integer(8), 1);
  EXPECT_TRUE(row.is_null(9));
  EXPECT_EQ(row.integer(9), 0);
  EXPECT_THAT(error_of([&] { static_cast<void>(row.integer(6)); }).what(), HasSubstr("?column?"));
}

TEST_F(OnServer, ANumberForATextAndATextForANumberAreTheServersToRead) {
  const std::vector<Oid> types{oid::text, oid::int4, 1700};
  PostgresParameters sent;
  sent.set_all(12, "34", 1.25);
  const auto answer = ask("SELECT $1 || ':' || $2 || ':' || $3", types, sent);
  EXPECT_EQ((PostgresRow{*answer, 0}.text(0)), "12:34:1.25");
}

TEST_F(OnServer, RowsBecomeArraysAndWhatTheyShareComesLast) {
  const std::vector<Oid> types{1016, 1009, 1185, oid::int4};
  PostgresParameters sent;
  int next = 1;
  const std::vector<std::string> texts{"plain", "q\"u'o\\te{,}", "größe", ""};
  for (const std::string& text : texts) {
    sent.set_from(next, next, text, TimePoint{std::chrono::microseconds{next}});
    next += 3;
  }
  sent.set_from(next, next, nullptr, nullptr);
  sent.set(next + 3, 77);
  const auto answer = ask("SELECT *, $4 FROM unnest($1, $2, $3) AS row (a, b, c)", types, sent);
  ASSERT_EQ(PQntuples(answer.get()), 5);
  for (int row = 0; row < 4; ++row) {
    const PostgresRow read{*answer, row};
    EXPECT_EQ(read.integer(0), row * 3 + 1);
    EXPECT_EQ(read.text(1), texts[static_cast<std::size_t>(row)]);
    EXPECT_FALSE(read.is_null(1));
    EXPECT_EQ(read.integer(2), row * 3 + 1);
    EXPECT_EQ(read.integer(3), 77);
  }
  EXPECT_TRUE((PostgresRow{*answer, 4}.is_null(1)));
  EXPECT_TRUE((PostgresRow{*answer, 4}.is_null(2)));
}

TEST_F(OnServer, NoRowsAreEmptyArrays) {
  const std::vector<Oid> types{1016, oid::int4};
  PostgresParameters sent;
  sent.set(1, 5);
  const auto answer = ask("SELECT cardinality($1), $2", types, sent);
  EXPECT_EQ((PostgresRow{*answer, 0}.integer(0)), 0);
  EXPECT_EQ((PostgresRow{*answer, 0}.integer(1)), 5);
}

TEST(PostgresParameters, NumbersThatDoNotFitTheStatementAreABug) {
  PostgresParameters three;
  three.set_all(1, 2, 3);
  const std::vector<Oid> two{oid::int4, oid::int4};
  EXPECT_EQ(error_of([&] { static_cast<void>(three.encode(two, "asked")); }).kind(),
            ErrorKind::bug);
  const std::vector<Oid> pairs{1016, 1016};
  EXPECT_EQ(error_of([&] { static_cast<void>(three.encode(pairs, "asked")); }).kind(),
            ErrorKind::bug);
  const std::vector<Oid> four{oid::int4, oid::int4, oid::int4, oid::int4};
  const auto encoded = three.encode(four, "asked");
  EXPECT_EQ(encoded.size(), 4);
  EXPECT_EQ(encoded.values()[3], nullptr) << "what is not set is NULL";
}

TEST(PostgresParameters, AnEmptyTextIsNotNull) {
  PostgresParameters sent;
  sent.set(1, std::string_view{});
  const std::vector<Oid> types{oid::text};
  const auto encoded = sent.encode(types, "asked");
  EXPECT_NE(encoded.values()[0], nullptr);
  EXPECT_EQ(encoded.lengths()[0], 0);
}

}  // namespace
}  // namespace errand::sql
