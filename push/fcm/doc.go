// Package fcm is the channel through Firebase Cloud Messaging. It translates
// FCM's answers into the channel's kinds and keeps a deadline of its own,
// since the library retries by itself for longer than a job may take.
package fcm
