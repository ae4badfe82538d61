#pragma once

#include <string>
#include <vector>

namespace errand::testing {

/// One request as bytes, and what it is answered with. Everything but 401 (asked for nicely, but
/// without a token) is refused before the route is looked at.
struct RawCase {
  std::string name{};
  std::string bytes{};
  int status{400};
};

inline std::string head_of(const std::string& fields,
                           const std::string& line = "POST /api/v1/jobs HTTP/1.1") {
  return line + "\r\nHost: localhost\r\n" + fields + "\r\n";
}

inline std::string many_fields(int count) {
  std::string fields;
  for (int at = 0; at < count; ++at)
    fields += "X-" + std::to_string(at) + ": 1\r\n";
  return fields;
}

/// A head of exactly `size` bytes.
inline std::string head_of_size(std::size_t size) {
  const std::string head = head_of("X: \r\n", "GET /api/v1/jobs HTTP/1.1");
  std::string filled = head;
  filled.insert(head.size() - 4, size - head.size(), 'a');
  return filled;
}

inline std::string get_target(const std::string& target) {
  return head_of("", "GET " + target + " HTTP/1.1");
}

inline std::vector<RawCase> request_corpus() {
  using namespace std::string_literals;
  const std::string json = "Content-Type: application/json\r\n";
  return {
      {"a plain GET", get_target("/api/v1/jobs"), 401},
      {"a plain POST", head_of(json + "Content-Length: 2\r\n") + "{}", 401},
      {"chunked", head_of(json + "Transfer-Encoding: chunked\r\n") + "2\r\n{}\r\n0\r\n\r\n", 401},
      {"chunked in capitals", head_of("Transfer-Encoding: CHUNKED\r\n") + "0\r\n\r\n", 401},
      {"length then encoding", head_of("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")},
      {"encoding then length", head_of("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n")},
      {"two equal lengths", head_of("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}"},
      {"two different lengths", head_of("Content-Length: 2\r\nContent-Length: 3\r\n") + "{}"},
      {"a list of lengths", head_of("Content-Length: 2, 2\r\n") + "{}"},
      {"a length with plus", head_of("Content-Length: +2\r\n") + "{}"},
      {"a length with minus", head_of("Content-Length: -2\r\n") + "{}"},
      {"a length in hexadecimal", head_of("Content-Length: 0x2\r\n") + "{}"},
      {"a length with a space inside", head_of("Content-Length: 1 2\r\n") + "{}"},
      {"a length that overflows", head_of("Content-Length: 18446744073709551618\r\n") + "{}"},
      {"an empty length", head_of("Content-Length: \r\n")},
      {"a length that is a word", head_of("Content-Length: two\r\n")},
      {"a fraction as length", head_of("Content-Length: 2.0\r\n") + "{}"},
      {"encoding identity", head_of("Transfer-Encoding: identity\r\n")},
      {"encoding gzip, chunked", head_of("Transfer-Encoding: gzip, chunked\r\n")},
      {"encoding chunked, chunked", head_of("Transfer-Encoding: chunked, chunked\r\n")},
      {"encoding xchunked", head_of("Transfer-Encoding: xchunked\r\n")},
      {"encoding in quotes", head_of("Transfer-Encoding: \"chunked\"\r\n")},
      {"two encodings", head_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"an empty encoding", head_of("Transfer-Encoding:\r\n")},
      {"a vertical tab before chunked", head_of("Transfer-Encoding: \vchunked\r\n")},
      {"encoding in HTTP/1.0",
       head_of("Transfer-Encoding: chunked\r\n", "POST /api/v1/jobs HTTP/1.0")},
      {"a folded field", head_of("X: 1\r\n 2\r\n")},
      {"a folded encoding", head_of("Transfer-Encoding:\r\n chunked\r\n")},
      {"a folded first field", "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n"},
      {"a bare line feed", "GET / HTTP/1.1\nHost: localhost\n\n"},
      {"a bare line feed in the fields", head_of("X: 1\nY: 2\r\n")},
      {"a bare carriage return", head_of("X: 1\rY: 2\r\n")},
      {"a carriage return before the end", head_of("X: 1\r\r\n")},
      {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"NUL in a value", head_of("X: a\0b\r\n"s)},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"s},
      {"DEL in a value", head_of("X: a\x7F\r\n")},
      {"an escape character in a value", head_of("X: \x1B[2J\r\n")},
      {"a space before the colon", head_of("Content-Length : 2\r\n") + "{}"},
      {"a tab before the colon", head_of("Transfer-Encoding\t: chunked\r\n")},
      {"a space in a name", head_of("X Y: 1\r\n")},
      {"an empty name", head_of(": 1\r\n")},
      {"a field without colon", head_of("X\r\n")},
      {"a name that is not ASCII", head_of("X\xC3\xA4: 1\r\n")},
      {"no Host", "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"a Host with user", "GET / HTTP/1.1\r\nHost: a@localhost\r\n\r\n"},
      {"a Host with path", "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n"},
      {"a Host list", "GET / HTTP/1.1\r\nHost: localhost, evil\r\n\r\n"},
      {"two Authorizations", head_of("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")},
      {"two content types", head_of("Content-Type: a\r\nContent-Type: b\r\n")},
      {"HTTP/0.9", "GET /\r\nHost: localhost\r\n\r\n"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n"},
      {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n"},
      {"a lower-case protocol", "GET / http/1.1\r\nHost: localhost\r\n\r\n"},
      {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a trailing space in the request line", "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n"},
      {"an absolute target", get_target("http://evil/api/v1/jobs")},
      {"an authority as target", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a star as target", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a fragment in the target", get_target("/#x")},
      {"a byte over ASCII in the target", get_target("/\xC3\xA4")},
      {"a method with a slash", "GE/T / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a method of 17 letters", "AAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"an unknown expectation", head_of("Expect: 200-ok\r\n")},
      {"64 fields", head_of(many_fields(63), "GET /api/v1/jobs HTTP/1.1"), 401},
      {"65 fields", head_of(many_fields(64), "GET /api/v1/jobs HTTP/1.1"), 431},
      {"a head of 8192 bytes", head_of_size(8192), 401},
      {"a head of 8193 bytes", head_of_size(8193), 431},
      {"a target of 4096 bytes", get_target("/api/" + std::string(4091, 'a')), 401},
      {"a target of 4097 bytes", get_target("/api/" + std::string(4092, 'a')), 414},
      {"a target without end", "GET /" + std::string(9000, 'a'), 414},
  };
}

}  // namespace errand::testing
