// OPTIONS, REGISTER and a call with npm's sip: node npm_sip.js PORT
const sip = require('sip');
const port = Number(process.argv[2]);
const local = 20000 + process.pid % 20000;
const peer = `sip:bob@127.0.0.1:${port}`;
let number = 0;

function request(method, extra) {
  number += 1;
  return Object.assign({
    method, uri: peer,
    headers: Object.assign({
      to: {uri: 'sip:bob@example.com'},
      from: {uri: 'sip:alice@example.com', params: {tag: 'a1'}},
      'call-id': 'npm-sip-' + process.pid,
      cseq: {method, seq: number},
      contact: [{uri: `sip:alice@127.0.0.1:${local}`}],
      'max-forwards': 70,
    }, (extra || {}).headers),
    content: (extra || {}).content,
  });
}

function ask(message) {
  return new Promise((resolve, reject) => sip.send(message, (response) => {
    if (response.status >= 300) reject(new Error(message.method + ': ' + response.status));
    else if (response.status >= 200) resolve(response);
  }));
}

async function main() {
  // Its own address must not be the peer's: it would take requests for its own.
  sip.start({port: local, publicAddress: 'localhost', tcp: false}, () => {});
  await ask(request('OPTIONS'));
  const bound = await ask(request('REGISTER'));
  if (bound.headers.contact[0].params.expires !== '300') throw new Error('no expires');
  const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
    'm=audio 40002 RTP/AVP 0\r\n';
  const invite = request('INVITE', {headers: {'content-type': 'application/sdp'}, content: sdp});
  const answer = await ask(invite);
  if (!/m=audio/.test(answer.content)) throw new Error('no SDP');
  const to = answer.headers.to;
  const ack = request('ACK');
  ack.headers.to = to;
  ack.headers.cseq.seq = invite.headers.cseq.seq;
  ack.uri = answer.headers.contact[0].uri;
  sip.send(ack);
  const bye = request('BYE');
  bye.headers.to = to;
  bye.uri = answer.headers.contact[0].uri;
  await ask(bye);
}

main().then(() => { console.log('complete'); process.exit(0); },
  (error) => { console.log(String(error)); process.exit(1); });
setTimeout(() => { console.log('timeout'); process.exit(1); }, 20000);
