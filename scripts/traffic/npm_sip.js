// npm's sip as caller and callee: node npm_sip.js PORT LISTEN USER
const sip = require('sip');
const digest = require('sip/digest');
const [port, listen, user] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
  'm=audio 40002 RTP/AVP 0\r\n';
let number = 0;

function request(method, to, extra) {
  number += 1;
  return Object.assign({
    method, uri: `sip:${to}@127.0.0.1:${port}`,
    headers: Object.assign({
      to: {name: number % 3 ? undefined : 'Bob, at work', uri: `sip:${to}@example.com`},
      from: {name: user, uri: `sip:${user}@example.com`, params: {tag: `t${number}`}},
      'call-id': `${number}-${process.pid}-${user}`,
      cseq: {method, seq: number},
      contact: [{uri: `sip:${user}@127.0.0.1:${listen}`}],
      'max-forwards': 70,
    }, (extra || {}).headers),
    content: (extra || {}).content,
  });
}

function ask(message) {
  return new Promise((resolve) => sip.send(message, (response) => {
    if (response.status >= 200) resolve(response);
  }));
}

async function call(to) {
  const invite = request('INVITE', to, {headers: {'content-type': 'application/sdp'}, content: sdp});
  let answer = await ask(invite);
  if (answer.status === 407) {
    digest.signRequest({}, invite, answer, {user, password: 'secret'});
    invite.headers.cseq.seq += 1;
    invite.headers.via.pop();
    answer = await ask(invite);
  }
  if (answer.status >= 300) return;
  const within = (method, seq) => ({
    method, uri: answer.headers.contact[0].uri,
    headers: {
      to: answer.headers.to, from: invite.headers.from, 'call-id': invite.headers['call-id'],
      cseq: {method, seq}, contact: invite.headers.contact, via: [],
    },
  });
  sip.send(within('ACK', invite.headers.cseq.seq));
  await ask(within('INFO', invite.headers.cseq.seq + 1));
  await ask(within('BYE', invite.headers.cseq.seq + 2));
}

async function main() {
  sip.start({port: listen, address: '127.0.0.1', publicAddress: 'localhost', tcp: false}, (rq) => {
    if (rq.method === 'ACK') return;
    const refused = rq.method === 'INVITE' && user === 'refused';
    if (rq.method === 'INVITE' && !refused) sip.send(sip.makeResponse(rq, 180, 'Ringing'));
    const rs = sip.makeResponse(rq, refused ? 486 : 200, refused ? 'Busy Here' : 'OK');
    rs.headers.to.params.tag = rs.headers.to.params.tag || `n${process.pid}`;
    if (rq.method === 'INVITE' && !refused) {
      rs.headers.contact = [{uri: `sip:${user}@127.0.0.1:${listen}`}];
      rs.headers['content-type'] = 'application/sdp';
      rs.content = sdp;
    }
    sip.send(rs);
  });
  await ask(request('OPTIONS', 'bob'));
  const register = request('REGISTER', user);
  const answer = await ask(register);
  if (answer.status === 401) {
    digest.signRequest({}, register, answer, {user, password: 'secret'});
    register.headers.cseq.seq += 1;
    register.headers.via.pop();
    await ask(register);
  }
  await ask(request('MESSAGE', 'bob', {headers: {'content-type': 'text/plain'}, content: 'hi'}));
  await ask(request('SUBSCRIBE', 'bob', {headers: {event: 'presence', expires: 60}}));
  for (const callee of ['bob', 'busy', 'paid', 'missing']) await call(callee);
}

main().catch((error) => console.log(String(error)));
setTimeout(() => process.exit(0), 12000);
