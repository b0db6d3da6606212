/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "channel.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"

/* Room for what comes and goes at a time. */
#define BUFFER_SIZE (128u * 1024)

struct channel {
	struct ev_loop *loop;
	const channel_owner_t *owner;
	net_address_t server;
	unsigned number;
	int fd; /* -1: no connection */
	ev_io io;
	uint64_t connects;
	size_t in_size;  /* bytes of incomplete messages in in[] */
	size_t out_size; /* bytes in out[] that the kernel has not taken */
	uint8_t in[BUFFER_SIZE];
	uint8_t out[BUFFER_SIZE];
};

unsigned channel_number(const channel_t *channel)
{
	return channel->number;
}

bool channel_has_room(const channel_t *channel, size_t size)
{
	return channel->out_size + 2 + size <= sizeof(channel->out);
}

uint64_t channel_connects(const channel_t *channel)
{
	return channel->connects;
}

static void wait_for(channel_t *channel, int events)
{
	ev_io_stop(channel->loop, &channel->io);
	ev_io_set(&channel->io, channel->fd, events);
	ev_io_start(channel->loop, &channel->io);
}

static err_t open_socket(channel_t *channel)
{
	const int on = 1;

	channel->fd = socket(channel->server.any.sa_family,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (channel->fd < 0)
		return err_from_errno();
	(void)!setsockopt(channel->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(channel->fd, &channel->server.any, net_address_size(&channel->server)) != 0 &&
	    errno != EINPROGRESS) {
		err_t err = err_from_errno();
		close(channel->fd);
		channel->fd = -1;
		return err;
	}
	channel->connects++;
	wait_for(channel, EV_READ | EV_WRITE);
	return ERR_OK;
}

/* The connection is over. */
static void disconnect(channel_t *channel)
{
	ev_io_stop(channel->loop, &channel->io);
	close(channel->fd);
	channel->fd = -1;
	channel->in_size = 0;
	channel->out_size = 0;
	channel->owner->ended(channel->owner->context, channel);
}

/* Takes the messages out of in[] that are complete (RFC 1035 section 4.2.2). */
static void take_messages(channel_t *channel)
{
	size_t at = 0;

	while (channel->in_size - at >= 2) {
		size_t size = get_u16(channel->in + at);
		if (channel->in_size - at - 2 < size)
			break;
		channel->owner->received(channel->owner->context, channel, channel->in + at + 2,
					 size);
		at += 2 + size;
	}
	channel->in_size -= at;
	memmove(channel->in, channel->in + at, channel->in_size);
}

static bool must_wait(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

static void read_stream(channel_t *channel)
{
	ssize_t got = recv(channel->fd, channel->in + channel->in_size,
			   sizeof(channel->in) - channel->in_size, 0);

	if (got > 0) {
		channel->in_size += (size_t)got;
		take_messages(channel);
	} else if (got == 0 || !must_wait(errno)) {
		disconnect(channel);
	}
}

static void write_stream(channel_t *channel)
{
	ssize_t sent = send(channel->fd, channel->out, channel->out_size, MSG_NOSIGNAL);

	if (sent < 0 && !must_wait(errno)) {
		disconnect(channel);
		return;
	}
	if (sent > 0) {
		channel->out_size -= (size_t)sent;
		memmove(channel->out, channel->out + sent, channel->out_size);
	}
	if (channel->out_size == 0)
		wait_for(channel, EV_READ);
}

static void on_event(struct ev_loop *loop, ev_io *io, int events)
{
	channel_t *channel = io->data;

	(void)loop;
	if ((events & EV_READ) != 0)
		read_stream(channel);
	if ((events & EV_WRITE) != 0 && channel->fd >= 0)
		write_stream(channel);
}

err_t channel_send(channel_t *channel, const uint8_t *packet, size_t size)
{
	if (!channel_has_room(channel, size))
		return (err_t)-EAGAIN;
	if (channel->fd < 0 && open_socket(channel) != ERR_OK)
		return (err_t)-EAGAIN;
	put_u16(channel->out + channel->out_size, (uint16_t)size);
	memcpy(channel->out + channel->out_size + 2, packet, size);
	if (channel->out_size == 0)
		wait_for(channel, EV_READ | EV_WRITE);
	channel->out_size += 2 + size;
	return ERR_OK;
}

err_t channel_new(struct ev_loop *loop, const net_address_t *server, unsigned number,
		  const channel_owner_t *owner, channel_t **channel)
{
	channel_t *made = malloc(sizeof(*made));

	if (made == NULL)
		return ERR_NOMEM;
	made->loop = loop;
	made->owner = owner;
	made->server = *server;
	made->number = number;
	made->fd = -1;
	made->connects = 0;
	made->in_size = 0;
	made->out_size = 0;
	ev_io_init(&made->io, on_event, -1, 0);
	made->io.data = made;
	*channel = made;
	return ERR_OK;
}

void channel_free(channel_t *channel)
{
	if (channel == NULL)
		return;
	if (channel->fd >= 0) {
		ev_io_stop(channel->loop, &channel->io);
		close(channel->fd);
	}
	free(channel);
}
