#!/usr/bin/python3
"""Records what Python's `re` makes of expressions, texts and replacements: `record-regexps.py >regexp-cases.json` (3.11).

Each expression: what a search finds in each text (where, and all groups), with `\\d` and its like meaning ASCII, as Ansible's
lineinfile has it, and meaning all of Unicode with re.MULTILINE, as its replace has it. null: Python refuses the expression.
"""
import json, re, sys, warnings
warnings.simplefilter('ignore')

patterns = r'''
a¦abc¦a.c¦a\.c¦^a¦a$¦^$¦^a$¦^¦$¦.¦.*¦.+¦a*¦a+¦a?¦a*?¦a+?¦a??¦ab*c¦(ab)*c¦(?:ab)+¦x*¦(a|b)c¦(a|ab)(c|bcd)(d*)
a{2}¦a{2,}¦a{,2}¦a{1,2}¦a{1,2}?¦a{,}¦a{}¦a{x}¦a{1¦a{1,x}¦{¦}¦a{ 1}¦{1}¦x{0}¦a{0,0}b¦a{2}{3}¦a**¦a*+¦a++b¦a?+a¦a{1,2}+a¦(ab)*+¦[ab]*+b¦.*+x¦\d++\w¦*a¦+a¦?¦(*a)¦^*¦\b+¦a¦*
[abc]¦[^abc]¦[a-c]+¦[^a-c]+¦[]]¦[]:]¦[^]]*¦[^]]¦[]a]¦[]-a]¦[a-]¦[-a]¦[a-c-e]¦[a\-c]¦[\]]¦[\\]¦[\^a]¦[a^]¦[^^]¦[[]¦[[a]¦[[:alpha:]]¦[a&&b]¦[a||b]¦[a--b]¦[a~~b]¦[.]¦[$]¦[(]¦[)]¦[|]¦[{}]¦[/]¦[*+?]¦[\d]¦[\D]¦[\w-]¦[\W\d]¦[^\w]¦[^\s]¦[\S\s]¦[\s\d]+¦[\da-f]+¦[\b]¦[\n]¦[\t ]¦[\x41-\x43]¦[\101]¦[\0]¦[\u00e4]¦[ä-ü]+¦[öäü]¦[\-\]]¦[b-a]¦[\d-z]¦[¦[a¦[]¦[^]¦[a-\d]¦[\8]¦[\z]¦[\-a]¦[ -~]+¦[#]¦[!-/]¦[@]¦[,-.]
\d+¦\D+¦\w+¦\W+¦\s+¦\S+¦\bfoo\b¦\Bo¦\b¦\B¦\bö¦\w+\b¦^\w+=¦\s*=\s*¦\A¦\Z¦\Aa¦c\Z¦a\Z¦\z¦\G¦\a¦\f¦\v¦\t¦\r¦\n¦\\¦\.¦\*¦\/¦\-¦\ ¦\#¦\"¦\'¦\<¦\>¦\=¦\:¦\@¦\!¦\%¦\&¦\~¦\`¦\,¦\;¦\_¦\ä¦\e¦\c¦\q¦\i¦\y¦\C¦\X¦\R¦\h¦\x41¦\x4¦\xzz¦\u0041¦\u00f6¦\u41¦\U00000041¦\U00110000¦\N{LATIN SMALL LETTER A}¦\0¦\07¦\012¦\0123¦\101¦\1¦\8¦\400¦\377¦\p¦\pL¦\kx
(a)\1¦(a)(b)\2\1¦(.)\1¦(?P<n>a)(?P=n)¦(?P<n>.)-(?P=n)¦(?P<n>a)\1¦(?P=n)¦(a)¦(?P<a>x)(?P<a>y)¦(?P<1a>x)¦(?P<>x)¦(?P<ä>x)¦\N¦(?P<n>\w+)=(?P<v>.*)¦\1(a)¦(a\1)¦(a)?\1¦(a)|(b)\1¦(["']).*?\1¦((a)(b))\3\2¦(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)\11¦(a)\10¦(a)\2
(?i)ABC¦(?i)[a-c]+¦(?i)Ö¦(?i)[^A]¦(?i)\bFOO\b¦(?i:A)b¦(?i:[a-c])C¦(?i:ö)¦a(?i:B)c¦a(?i)b¦(?-i:a)¦(?i)(?-i:a)B¦(?i)a(?i:b)¦(?s).+¦(?s:.)+¦(?s)a.b¦(?m)^b¦(?m)a$¦(?m:^)b¦(?m:a$)¦(?m)^$¦(?x) a b¦(?x)a b # c¦(?x)a\ b¦(?x)a[ ]b¦(?x: a b )c¦(?x)a {2}¦(?x)a + b¦(?x)( a | b ) c¦(?x)#all¦(?ix) A B¦(?i)(?s)A.B¦(?a)\w+¦(?u)\w+¦(?a:\w+)¦(?u:\w+)¦(?L)a¦(?t)a¦(?i¦(?ai)\w¦(?au)a¦(?is-m:a.b)¦(?-:a)¦(?i-i:a)
(?:a)¦(?:)¦()¦(|)¦(a|)¦(|a)b¦(?#note)a¦a(?#note)b¦a(?#x)*¦(?#¦(?=a)¦(?=a)a¦a(?=b)¦a(?!b)¦(?<=a)b¦(?<!a)b¦(?<=ab)c¦(?<=a|b)c¦(?<=^)a¦(?<!^)a¦(?<=\s)\w+¦(?=(a))\1¦(?!(a))b¦(?<=(a))b¦(?=a)*¦(?=a)+b¦(?>a+)b¦(?(1)a|b)¦(a)?(?(1)b|c)¦(?<n>a)¦(?P¦(?Pn)¦(?P>n)¦(?'n'a)¦(?&n)¦(?R)¦(?|a)¦(?=a|(a¦a)¦((a)¦(?:a
^allow = \[[^]]*\]$¦^#?\s*Port\b¦^\s*#?\s*PermitRootLogin\s+\S+\s*$¦^(?P<key>[A-Za-z_]+)\s*=\s*(?P<value>.*?)\s*$¦(\s)old\.example\.org(\s.*)?$¦^server\s+(?!10\.).*$¦^#?(MaxAuthTries)\s+(\d+)¦listen\s+(?:\[::\]:)?80\b¦^(?:export\s+)?PATH="?([^"]*)"?$¦^\s*[^#\s].*$¦^-A INPUT -p tcp --dport 22 .*$¦^kernel\.(.+)\s*=¦(?<=GRUB_CMDLINE_LINUX=")[^"]*¦^deb(?:-src)?\s+\S+\s+(?P<suite>\S+)¦^\[(.+?)\]$¦^%wheel\s+ALL=\(ALL(?::ALL)?\)\s+ALL$¦\$\{?HOME\}?¦^\\$¦C:\\dir¦[^\W\d_]+¦^(?!#)¦.(?=\n)¦.*$¦\s$¦=\s?$¦^.{3}$¦^.{3,5}=¦^[^=]+=(?!$)¦(a+)+b¦(?:a|b|c)*d¦^(?:.*\s)?x¦(?:(a)|b)+¦(?:(a)|(b))*¦((a)|b)+¦(a*)*¦(a*)+¦(a|b)*¦(?:(\w)-?)+¦(?:a(b)?)+
'''
lone = ['[', '[]', '[^]', '(', '(?', '(?i', '(?#', '(?P', '(?=a', '(a', '((a)', '(?:a', 'a|b', 'a|', '|a', '|', 'a||b', '^a|b$', 'foo|bar|baz', '', ')', 'a)', '(a))', '\\', '[[', '[a', '[a-', '[\\']
expressions = []
for one in patterns.strip('\n').replace('\n', '¦').split('¦') + lone:
    if one not in expressions: expressions.append(one)

texts = ['', 'a', 'b', 'ab', 'abc', 'abcd', 'aaa', 'aab', 'ABC', 'aBc', 'a b', 'a.c', 'x', 'a]b', 'k[1]:v', 'allow = [x, y]', 'allow = [x, y]\n', 'foo bar', 'foo=1\n', 'a\nb\n', 'a\n', '\n', 'a\n\nb', 'größe = 3', 'Öl', 'ä ü', '٣', '\u00a0x', '"q" \'r\'', '#Port 22\n', 'PermitRootLogin yes  \n', 'abcdefghijkk', '10.0.0.1 old.example.org alias', 'server 10.0.0.1', 'deb http://x stable main', '[section]', 'GRUB_CMDLINE_LINUX="quiet"', 'C:\\dir', 'a-b_c', '{1}', 'a{1', 'tab\there', 'a/b', '^a$', 'a&&b', 'x-x', 'A', 'aabb', '\\', 'acd', '\x07\x00S', 'MaxAuthTries 6', 'listen [::]:80;', '\U0001f600a']

def found(pattern, flags):
    try: compiled = re.compile(pattern, flags)
    except (re.error, OverflowError, ValueError): return None
    rows = []
    for text in texts:
        match = compiled.search(text)
        # Counted in characters there, in UTF-16 units here: told by what stands before.
        rows.append(None if match is None else [text[:match.start()], match.group(0), *match.groups()])
    return rows

templates = [r'\1', r'\g<1>', r'\g<0>', r'\g<key>', r'\g<value>-\g<key>', r'\2\1', r'\10', r'\g<1>0', r'\0', r'\07', r'\101', r'\n', r'\t\r\a\b\f\v', r'\\', r'\\1', r'\.', r'\-\/\"', r'\d', r'\q', r'$1 $& \1', r'\g', r'\g<', r'\g<nope>', r'\3', r'\99', r'\g<99>', r'a\1b\2c', '\\', 'ö\\1', r'\g<1a>', r'\&', r'\x41', r'\u0041', r'\12', r'\123', r'\400']
subject, replaced = re.compile(r'(?P<key>\w+)\s*=\s*(?P<value>\w*)(x)?'), {}
for template in templates:
    try: replaced[template] = subject.sub(template, 'a = 1, size=b')
    except (re.error, IndexError): replaced[template] = None

subs = []
for pattern, replacement, text in [('^', '> ', 'a\nb\n'), ('$', ';', 'a\nb\n'), (r'\s+$', '', 'a \nb\t\n'), (r'^#(.*)$', r'\1', '#a\n#b'), (r'(?m)^$', '-', 'a\n\nb'), ('[]:]', '/', 'k[1]:v\n'), (r'\d+', r'<\g<0>>', '1 22 ٣'), (r'(?i)ö', 'oe', 'ÖLöl'), (r'x*', '-', 'axb'), (r'(a)|b', r'[\1]', 'ab'), (r'\b', '|', 'größe 1'), (r'\w+', 'w', 'größe ß-1'), ('.', 'x', 'a\n\U0001f600'), (r'\n', r'\\n', 'a\nb\n'), (r'\A.', 'X', 'ab\ncd'), (r'.\Z', 'X', 'ab\ncd')]:
    subs.append([pattern, replacement, text, re.sub(pattern, replacement, text, flags=re.MULTILINE)])

json.dump({'texts': texts, 'expressions': [[one, found(one, re.ASCII), found(one, re.MULTILINE)] for one in expressions], 'templates': replaced, 'substitutions': subs}, sys.stdout, separators=(',', ':'))
