/**
 * Words around which people build the passwords that are tried first; with what {@link isCommonPassword} sees through (digits and signs
 * around them, look-alike letters, a plural, a "my" before them) they stand for many thousands of passwords.
 */
export const commonWords: ReadonlySet<string> = new Set(
  `password passwort passw pass passphrase passcode passkey pwd secret letmein letmeinnow welcome login logon signin admin administrator
  root toor user username guest test tester testing testpass demo default changeme changeit change master manager system sysadmin server
  service support helpdesk access accesscode private public company business office enterprise corporate sales finance account security
  secure secured temp temporary temppass sample example foobar foobarbaz foo bar baz blah whatever nothing something anything everything
  somebody nobody anybody whoknows qwerty qwertz azerty qwertyui qwertyuio qwertyuiop azertyuiop asdf asdfg asdfgh asdfghj asdfghjk
  asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qwer qwert qwe asd zxc qaz wsx edc qazwsx qazwsxedc qweasd qweasdzxc zaqwsx abc abcd abcde abcdef
  abcdefg abcdefgh iloveyou iloveu iluvu loveyou lovely lover lovers love loveme mylove forever always together truelove ihateyou hateyou
  fuckyou fuckoff fuckme fucker fuck asshole bitch bitches bullshit shithead dickhead bastard biteme suckit pussy boobs hardcore sexy sexsex
  sex naked nude horny booty babygirl babyboy babydoll baby babe honey sweetheart sweetie sweety sugar darling angel angels
  angelina angelic heaven heavenly blessed blessing faith hope grace jesus jesuschrist christ godisgood god lord savior church bible prayer
  allah islam muslim buddha krishna ganesh shiva devil demon satan lucifer hell evil killer
  princess prince queen king kingdom knight royal duchess castle crown
  sunshine sun sunny sunset sunrise sunflower moon moonlight star stars starlight starfish stargate sky skyline cloud rainbow rain storm
  stormy thunder lightning hurricane tornado blizzard snow snowball snowflake snowman ice fire fireball firefly firebird firefox firefighter
  flame phoenix water river ocean island beach summer winter spring autumn fall season midnight night nightmare darkness dark shadow shadows
  twilight dawn morning monday tuesday wednesday thursday friday saturday sunday weekend january february march april may june july august
  september october november december birthday christmas halloween easter holiday vacation newyear party
  monkey dragon dragons dragonfly dragonball tiger tigger tigers lion lions lionking panther panthers leopard cheetah cougar jaguar wolf
  wolfpack wolverine fox bear bears panda koala kangaroo elephant giraffe zebra hippo rhino crocodile alligator snake cobra viper python
  eagle eagles falcon hawk raven ravens robin sparrow phoenix penguin penguins dolphin dolphins shark whale fish goldfish swordfish blowfish
  catfish crab lobster turtle frog lizard spider scorpion butterfly bumblebee ladybug horse horses pony unicorn mustang donkey cow bull
  bulldog bulldogs dog dogs doggy doggie puppy puppies cat cats kitty kitten kitkat hellokitty mouse rabbit bunny hamster squirrel chicken
  duck turkey pig piggy buster bandit rocky bailey maggie sophie molly sparky scooter smokey snickers oreo peanut peanuts pepper ginger
  cookie cookies muffin cupcake pumpkin banana bananas apple apples orange lemon cherry strawberry blueberry raspberry blackberry
  pineapple mango peaches coconut chocolate vanilla candy caramel coffee tea beer whiskey vodka tequila wine pizza burger cheese
  bacon butter pancake spaghetti noodle potato tomato onion garlic
  red blue green yellow purple pink black white silver golden gold platinum diamond diamonds emerald ruby crystal pearl magic
  magical wizard witch merlin gandalf potter harrypotter hogwarts dumbledore hermione voldemort slytherin gryffindor hobbit frodo legolas
  aragorn sauron mordor starwars skywalker jedi yoda vader darthvader anakin chewbacca hansolo stormtrooper startrek voyager discovery
  spock picard klingon matrix neo trinity morpheus terminator predator alien aliens robocop rambo rocky godzilla kingkong titanic avatar
  gladiator spartan spartans sparta troy achilles hercules zeus apollo athena poseidon hades thor loki odin viking vikings ragnarok
  superman superwoman batman batgirl joker spiderman ironman captain hulk wolverine deadpool avengers marvel supergirl superstar superhero
  hero heroes ninja ninjas samurai warrior warriors knights pirate pirates soldier sniper hunter hunters ranger rangers assassin
  naruto sasuke goku vegeta pokemon pikachu charizard digimon sailormoon onepiece bleach deathnote
  minecraft roblox fortnite pubg warcraft worldofwarcraft starcraft diablo halo doom quake counterstrike callofduty battlefield
  overwatch zelda mario luigi supermario sonic tetris pacman playstation nintendo xbox gameboy gamer game games player gamecube tekken
  football soccer baseball basketball hockey tennis golf golfer rugby cricket swimming swimmer runner running boxing wrestling karate
  skate skater skateboard surfer surfing snowboard bowling fishing fisherman cycling bicycle runner champion champions winner victory
  liverpool chelsea arsenal manchester manutd mancity everton tottenham barcelona barca realmadrid juventus milan intermilan bayern
  dortmund ajax celtic benfica porto galatasaray fenerbahce besiktas boca river flamengo corinthians palmeiras messi ronaldo ronaldinho
  neymar beckham rooney zidane maradona pele
  yankees redsox cubs dodgers giants mets braves steelers cowboys packers patriots eagles broncos raiders redskins ravens dolphins bears
  saints colts chargers chiefs lakers celtics bulls knicks heat spurs pistons warriors jordan kobe lebron shaq iverson gretzky redwings
  mapleleafs bruins flyers rangers penguins blackhawks nascar earnhardt
  mercedes bmw audi porsche ferrari lamborghini bugatti maserati volkswagen volvo toyota honda nissan subaru mazda suzuki yamaha kawasaki
  ducati harley davidson harleydavidson chevrolet chevy corvette camaro silverado dodge viper charger challenger ford mustang jeep
  hummer cadillac pontiac firebird impala maverick bronco truck trucker racing racer motorola nokia samsung iphone ipad android
  blackberry computer laptop internet network wireless wifi windows microsoft linux ubuntu debian centos redhat fedora macintosh apple google
  gmail yahoo hotmail facebook instagram twitter youtube linkedin myspace whatsapp telegram netflix amazon ebay paypal spotify snapchat
  tiktok skype discord twitch github gitlab bitbucket docker harbor registry container kubernetes jenkins nexus artifactory portainer
  rancher ansible terraform vagrant puppet chef oracle mysql postgres postgresql mongodb redis database sqlserver mssql tomcat apache nginx
  cisco juniper ubnt ubiquiti mikrotik raspberry raspberrypi arduino nagios zabbix grafana splunk elastic kibana wordpress joomla drupal
  magento java javascript python developer programmer hacker hacked hacking cyber matrix binary
  michael michelle jennifer jessica jonathan joshua matthew andrew anthony daniel danielle david robert william james john johnny
  joseph charles charlie thomas christopher christian christina christine alexander alexandra alexandre alexis alex nicholas nicole
  natalie natasha samantha sam elizabeth elisabeth benjamin ben jacob jason justin brandon austin tyler dylan ethan logan lucas luke mason
  oliver olivia emma emily sophia sofia isabella isabelle isabel stephanie stephen steven sebastian gabriel gabriela gabrielle caroline
  carolina catherine katherine kathryn patricia patrick veronica victoria victor valentina valentine valeria vanessa melissa melanie rebecca
  rachel hannah sarah sara laura lauren ashley amanda amber brittany britney courtney heather crystal tiffany kimberly chelsea taylor
  jasmine destiny brianna savannah alyssa megan madison mackenzie abigail ava mia chloe zoe grace lily rose daisy violet jasmin
  richard george edward henry harry jack jackson peter paul mark marcus martin marina maria marie mariana martha mary margaret maggie
  monica angela andrea andreas antonio alejandro alejandra carlos fernando francisco francesco giovanni giuseppe lorenzo leonardo
  michelangelo roberto ricardo eduardo miguel jose juan pedro pablo diego javier manuel jorge luis rafael santiago simone stefano
  stefan sergey sergei vladimir dmitry alexey andrey natalia svetlana tatiana olga irina ekaterina anastasia marina nastya sasha masha
  mohammed muhammad mohamed ahmed ali hassan hussein omar fatima ibrahim mustafa abdullah rahul rohit amit priya pooja sunil krishna
  kevin brian ryan eric jeremy jesse adam aaron nathan zachary kyle sean scott gary larry jerry terry barry donald douglas dennis raymond
  gregory kenneth ronald timothy edwin vincent walter arthur albert eugene russell philip phillip roger bruce wayne ralph louis
  metallica nirvana slipknot linkinpark greenday blink eminem slimshady tupac biggie snoopdog snoopdogg beatles rollingstones pinkfloyd
  ledzeppelin queen acdc ironmaiden megadeth pantera korn limpbizkit marilynmanson coldplay radiohead oasis bonjovi aerosmith gunsnroses
  michaeljackson madonna beyonce rihanna shakira ladygaga justinbieber bieber onedirection hannahmontana mylene elvis presley
  marley bobmarley hendrix rockstar rocker rockandroll rocknroll hiphop reggae jazz blues music musica musician guitar guitarist
  drummer drums piano violin saxophone trumpet bass dance dancer dancing singer
  america american usa canada mexico brazil brasil argentina colombia england britain scotland ireland germany deutschland france paris
  london berlin madrid italia italy rome roma spain espana portugal poland polska russia moscow ukraine turkey istanbul greece egypt india
  china beijing shanghai japan tokyo korea seoul vietnam thailand indonesia jakarta australia sydney melbourne africa nigeria california
  texas florida newyork chicago boston dallas houston denver phoenix vegas lasvegas seattle detroit atlanta miami hollywood brooklyn
  alaska hawaii virginia carolina dakota montana
  freedom liberty peace justice truth honor respect courage strong strength power powerful energy success successful lucky luck
  fortune money dollar cash rich millionaire business boss bigboss bigdaddy daddy mommy mother father mama papa family brother sister
  children friend friends bestfriend buddy player gangster thug pimp casino poker blackjack jackpot
  military army navy marine marines airforce veteran sergeant colonel general commander police swat sheriff agent secretagent bond
  jamesbond mission nuclear rocket missile bullet shotgun remington winchester ruger glock colt trustno trustnoone
  marlboro newport camel cocacola pepsi sprite budweiser heineken corona jackdaniels smirnoff mcdonalds starbucks subway nutella
  snoopy garfield mickey mickeymouse minnie donaldduck tweety bugsbunny scooby scoobydoo simpson simpsons homer bart southpark cartman
  spongebob patrick pooh winnie tinkerbell barbie disney disneyland nemo shrek pinocchio peterpan cinderella bambi simba elsa frozen
  flower flowers rose roses lily tulip orchid jasmine lavender garden forest mountain valley desert island paradise eden
  hello helloworld hellohello hi howdy goodbye bye goodluck goodmorning goodnight thankyou thanks please sorry yes opensesame sesame abracadabra
  simsalabim computer science mathematics student students teacher school college university library doctor nurse lawyer engineer driver
  pilot sailor cowboy cowgirl blonde brunette redhead gorgeous beautiful beauty pretty cutie cute smile smiley happy happiness
  crazy lazy funny stupid idiot dumbass loser geek nerd freak weirdo rebel legend legendary genius awesome amazing perfect fantastic
  excellent incredible special unique infinity eternity destiny genesis exodus revelation apocalypse armageddon oblivion chaos phantom ghost
  vampire zombie zombies monster monsters creature beast dracula frankenstein skeleton skull bones death dead deadman grave
  woaini woaiwojia aini nihao zhongguo beijing mima wodemima mimamima caonima woshishui wangyi taobao tencent baidu alibaba alipay weixin
  buzhidao zhangwei wangwei lijing xiaoming motdepasse soleil bonjour doudou chouchou loulou azert contrasena hola teamo tequiero
  amor amorcito corazon bonita princesa estrella hallo schatz liebe passwd geheim sommer fussball ficken arschloch kennwort parola
  haslo qwerty polska kocham kotek misiek heslo senha brasil flamengo saopaulo sifre galatasaray sandi rahasia indonesia sayang bismillah
  mustafa parole gfhjkm privet lubov marina heslo salasana losenord jelszo trustworthy berth anchor harbour`.split(
    /\s+/,
  ),
);
