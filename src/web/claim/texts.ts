// Owns every word the page says, per language. A language is whole or it does not compile.

const en = {
  title: 'Chat',
  heading: 'Chat with us',
  loading: 'One moment…',
  log: 'Conversation',
  you: 'You',
  bot: 'Assistant',
  agent: 'Agent',
  write: 'Your message',
  send: 'Send',
  attach: 'Attach a file',
  end: 'End chat',
  endSure: 'End this chat?',
  endYes: 'End it',
  endNo: 'Go on',
  withBot: 'You are talking to our assistant',
  withQueue: 'We are finding somebody for you. You can keep writing.',
  withAgent: (name: string) => `You are talking to ${name}`,
  withSomebody: 'You are talking to one of us',
  over: 'This chat has ended',
  typing: 'is writing…',
  sending: 'Sending…',
  waiting: 'Will be sent once you are connected',
  uncertain: 'May not have arrived',
  failed: 'Not delivered',
  again: 'Send again',
  offline: 'No connection. What you write is kept, and we are trying again.',
  tooFast: 'A little slower, please. It is sent in a moment.',
  fileRefused: 'This file could not be sent',
  fileTooLarge: 'This file is too large',
  fileType: 'Files of this kind cannot be sent',
  uploading: 'Sending the file…',
  marks: {
    'person-asked': 'We are finding somebody for you',
    'person-joined': 'One of us has joined',
    'person-left': 'They have left. Our assistant goes on.',
    'nobody-reached': 'We could not reach anybody just now. Somebody will see to it.',
    over: 'The chat has ended',
  } as Readonly<Record<string, string>>,
  joined: (name: string) => `${name} has joined`,
  help: {
    'claim-expired': ['This link has expired', 'Links work for a limited time, to keep your details safe.'],
    'claim-unknown': ['This link does not work', 'Please open the whole link from your message again.'],
    'claim-already-active': ['This chat is open on another device', 'You can go on here. It is closed there then.'],
    'chat-over': ['This chat has ended', 'What was said in it is with whoever helped you.'],
    'no-session': ['No chat is open on this device', 'Open the link from your message again, or start a new chat.'],
    'other-tab': ['This chat is open in another tab', 'It can be open in one tab at a time.'],
    'other-device': ['This chat goes on on another device', 'To go on here, open the link from your message again.'],
    'too-many': ['Please wait a moment', 'There were too many tries. Try again in a minute.'],
    unreachable: ['We cannot be reached just now', 'Trying again by itself.'],
  } as Readonly<Record<string, readonly [string, string]>>,
  continueHere: 'Continue here',
  useHere: 'Use it here',
  startFresh: 'Start a new chat',
  call: (phone: string) => `Call us: ${phone}`,
};

export type Texts = typeof en;

const de: Texts = {
  title: 'Chat',
  heading: 'Chat mit uns',
  loading: 'Einen Moment…',
  log: 'Gespräch',
  you: 'Sie',
  bot: 'Assistent',
  agent: 'Mitarbeiter',
  write: 'Ihre Nachricht',
  send: 'Senden',
  attach: 'Datei anhängen',
  end: 'Chat beenden',
  endSure: 'Diesen Chat beenden?',
  endYes: 'Beenden',
  endNo: 'Weiter',
  withBot: 'Sie sprechen mit unserem Assistenten',
  withQueue: 'Wir suchen jemanden für Sie. Sie können weiter schreiben.',
  withAgent: (name) => `Sie sprechen mit ${name}`,
  withSomebody: 'Sie sprechen mit einem von uns',
  over: 'Dieser Chat ist beendet',
  typing: 'schreibt…',
  sending: 'Wird gesendet…',
  waiting: 'Wird gesendet, sobald Sie verbunden sind',
  uncertain: 'Vielleicht nicht angekommen',
  failed: 'Nicht zugestellt',
  again: 'Erneut senden',
  offline: 'Keine Verbindung. Was Sie schreiben, bleibt erhalten; wir versuchen es weiter.',
  tooFast: 'Bitte etwas langsamer. Es wird gleich gesendet.',
  fileRefused: 'Diese Datei konnte nicht gesendet werden',
  fileTooLarge: 'Diese Datei ist zu groß',
  fileType: 'Dateien dieser Art können nicht gesendet werden',
  uploading: 'Datei wird gesendet…',
  marks: {
    'person-asked': 'Wir suchen jemanden für Sie',
    'person-joined': 'Jemand von uns ist jetzt da',
    'person-left': 'Das Gespräch ist beendet. Unser Assistent macht weiter.',
    'nobody-reached': 'Gerade ist niemand erreichbar. Wir kümmern uns darum.',
    over: 'Der Chat ist beendet',
  },
  joined: (name) => `${name} ist jetzt da`,
  help: {
    'claim-expired': ['Dieser Link ist abgelaufen', 'Links gelten nur begrenzt, damit Ihre Angaben sicher bleiben.'],
    'claim-unknown': [
      'Dieser Link funktioniert nicht',
      'Bitte öffnen Sie den ganzen Link aus Ihrer Nachricht noch einmal.',
    ],
    'claim-already-active': [
      'Dieser Chat ist auf einem anderen Gerät geöffnet',
      'Sie können hier weitermachen. Dort wird er dann geschlossen.',
    ],
    'chat-over': ['Dieser Chat ist beendet', 'Was besprochen wurde, liegt bei denen, die Ihnen geholfen haben.'],
    'no-session': [
      'Auf diesem Gerät ist kein Chat geöffnet',
      'Öffnen Sie den Link aus Ihrer Nachricht noch einmal, oder beginnen Sie einen neuen Chat.',
    ],
    'other-tab': ['Dieser Chat ist in einem anderen Tab geöffnet', 'Er kann immer nur in einem Tab geöffnet sein.'],
    'other-device': [
      'Dieser Chat läuft auf einem anderen Gerät weiter',
      'Um hier weiterzumachen, öffnen Sie den Link aus Ihrer Nachricht noch einmal.',
    ],
    'too-many': [
      'Bitte warten Sie einen Moment',
      'Das waren zu viele Versuche. Versuchen Sie es in einer Minute wieder.',
    ],
    unreachable: ['Wir sind gerade nicht erreichbar', 'Es wird von selbst erneut versucht.'],
  },
  continueHere: 'Hier weitermachen',
  useHere: 'Hier verwenden',
  startFresh: 'Neuen Chat beginnen',
  call: (phone) => `Rufen Sie uns an: ${phone}`,
};

/** The first language asked for that we speak (`de-AT` is German), else English. */
export function textsFor(asked: readonly string[]): { readonly language: string; readonly texts: Texts } {
  for (const tag of asked) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'de') return { language, texts: de };
    if (language === 'en') return { language, texts: en };
  }
  return { language: 'en', texts: en };
}
