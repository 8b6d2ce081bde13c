import { isCommonPassword } from './common-passwords.js';
import { commonWords } from './common-words.js';

/** Of those seen most often in leaks, the ones of eight characters and more. */
const seen =
  `password 12345678 123456789 1234567890 baseball football jennifer superman trustno1 michelle sunshine 1qaz2wsx
password1 1q2w3e4r jonathan starwars princess victoria maverick whatever iloveyou computer internet mercedes bigdaddy samantha jordan23
qwertyuiop corvette steelers midnight mountain redskins dolphins cowboys1 danielle metallica nicholas elizabeth benjamin marlboro spiderman
snoopdog scorpion cocacola asdfghjkl basketball 11111111 88888888 12341234 87654321 12121212 11223344 1q2w3e4r5t qwerty123 qwer1234
abcd1234 asdf1234 zaq12wsx letmein1 welcome1 admin123 adminadmin passw0rd p@ssword p@ssw0rd Password1! Passw0rd! Welcome123 Summer2024!
Winter2023 changeme123 ChangeMe! secret123 topsecret test1234 testtest guest123 root1234 rootroot toor1234 master123 hunter22 liverpool1
manutd123 realmadrid juventus iloveyou2 iloveu123 lovelove babygirl1 butterfly rainbow1 chocolate strawberry sweetheart charlie1 andrew123
christopher alexandra isabella stephanie gabriela pokemon1 pikachu1 naruto123 minecraft roblox123 warcraft counterstrike playstation
blink182 slipknot1 linkinpark eminem123 rockstar1 hello123 helloworld goodbye1 qazwsxedc qweasdzxc 1qazxsw2 zxcvbnm1 asdfasdf poiuytrewq
mnbvcxz1 1234qwer 123qweasd 123qwe123 q1w2e3r4 a1b2c3d4 1a2b3c4d abc12345 abcdefgh 5201314520 woaini1314 woaini520 7758521a 147258369
159753456 789456123 123321123 112233445566 123456aa aa123456 a12345678 q123456789 123456789a zxcv1234 mypassword newpassword nopassword
letmeinnow opensesame iamadmin superuser superadmin Admin@123 root@123 oracle123 postgres1 cisco123 raspberry vagrant1 docker123 Harbor12345
tomcat123 temp1234 foobar123 azertyuiop motorola iphone123 facebook1 lamborghini marines1 american jesuschrist godisgood blessed1 angels123
snickers swordfish dragonfly lightning christmas halloween birthday1 darkness blackjack lucky777 yankees1 lakers24`.split(
    /\s+/,
  );

describe('isCommonPassword', () => {
  it.each(seen)('knows %s', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  it.each([
    'four green bottles',
    'correct horse battery staple',
    'harbour-at-midnight',
    'Tr0ub4dor-and-3',
    'k7#qL0vz',
    'mP9xv2wq',
    'xkcd-936-horse',
    '481937265018',
    '山高月小水落石出',
    'wieniawski op. 22',
  ])('lets %s pass', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });

  it('has words of plain letters only, which is what a password is reduced to', () => {
    expect(commonWords.size).toBeGreaterThan(1300);
    expect([...commonWords].filter((word) => !/^[a-z]+$/.test(word))).toEqual([]);
  });
});
