// Owns the WebSocket of a notification channel: one per channel (a newer one takes over), a heartbeat every 30 s and a pong
// to `{"message":"ping"}`.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Schedule } from '../schedule.ts';
import type { Notifications } from './notifications.ts';

const SOCKET_PATH = '/notifications/ws/';
const HEARTBEAT_MS = 30_000;

export type NotificationSockets = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
};

/** Where a channel's socket connects to, on a twin at `url`. */
export function connectUri(url: string, channelId: string): string {
  return `${url.replace(/^http/, 'ws')}${SOCKET_PATH}${channelId}`;
}

export function createNotificationSockets(notifications: Notifications, schedule: Schedule): NotificationSockets {
  const server = new WebSocketServer({ noServer: true });
  const byChannel = new Map<string, WebSocket>();

  function beat(socket: WebSocket): void {
    schedule.after(HEARTBEAT_MS, () => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(metadata('WebSocket Heartbeat'));
      beat(socket);
    });
  }

  function attach(channelId: string, socket: WebSocket): void {
    const channel = notifications.channel(channelId);
    if (channel === undefined) {
      socket.close(1008, 'unknown channel');
      return;
    }
    byChannel.get(channelId)?.close(1000, 'replaced by a newer socket');
    byChannel.set(channelId, socket);
    channel.send = (text) => socket.send(text);
    socket.on('message', (data) => {
      if (isPing(String(data))) socket.send(metadata('pong'));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (byChannel.get(channelId) !== socket) return;
      byChannel.delete(channelId);
      delete channel.send;
    });
    beat(socket);
  }

  return {
    upgrade(request, socket, head) {
      const path = request.url ?? '';
      if (!path.startsWith(SOCKET_PATH)) socket.destroy();
      else server.handleUpgrade(request, socket, head, (opened) => attach(path.slice(SOCKET_PATH.length), opened));
    },
    close() {
      for (const socket of byChannel.values()) socket.terminate();
      server.close();
    },
  };
}

function metadata(message: string): string {
  return JSON.stringify({ topicName: 'channel.metadata', eventBody: { message } });
}

function isPing(text: string): boolean {
  try {
    return JSON.parse(text)?.message === 'ping';
  } catch {
    return false;
  }
}
