// The one file in which Asio's and Beast's own functions are compiled.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
