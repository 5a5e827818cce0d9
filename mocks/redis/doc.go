// Package redis is a Redis on loopback for the demonstration and the tests:
// a real server on a real port, speaking the protocol to stock clients, whose
// keys lapse as time passes and which can be lost in each way a Redis is lost.
//
// Its words: Stop and Restart are a planned restart (the data survive), Kill
// is a crash of a machine without a copy (the data are gone), Hang is the
// worst one (connections live, nothing is answered).
//
// It knows nothing of what is kept in it.
package redis
