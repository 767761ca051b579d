/** Filters over the rows of `rows.ts`, right and wrong ones, one a line. */
export const expressions: ReadonlyArray<string> = String.raw`
id == 1
id != 1
id in [1, 2]
id not in [1, 2]
b == true
b != true
b == false
b > false
b
not b
not (b == true)
i8 == 1
i8 > 1
i8 == 300
i8 < 300
i8 > -300
i8 in [300, 1]
i8 == 128
i8 == -129
i8 >= 128
i32 == 4294967297
i32 == 1
i64 == 9007199254740993
i64 == 9223372036854775807
i64 > 9007199254740992
i64 == -9223372036854775808
i64 < -1
i64 in [9007199254740993]
i64 == 1.0
i64 > 0.5
f == 0.1
f > 0.1
f == 1
f in [1, 0.1]
f == 0.10000000149
f == 0
f < 1e39
f > -1e39
d == 0.1
d == 0
d in [0.1, 1]
d in [1]
d > 1
d == 1e300
t == ""
t == 'a'
t > 'a'
t >= 'b'
t < 'b'
t > 'z'
t > "\u00fc"
t > "😀"
t > "～"
t in ['a', 'ü', '😀']
t not in ['a']
t == 'it\'s'
t == "say \"a\""
t is null
t IS NULL
t is not null
t IS NOT NULL
j['a'] is null
not (t is null)
t like 'a%'
t like '%'
t like 'a'
t like 'a\%b'
t like 'a%b'
t like 'a%%'
t like '%%'
t like 'a\%%'
u like 'a\_b'
t like 'say "%'
t == u
t != u
t < u
i8 == i32
i8 < i64
i32 > f
f == d
f < d
i64 == d
b == b
t == i8
b == i8
i8 + 1 == 3
1 + i8 == 3
i8 - 1 == 1
1 - i8 == 1
i8 * 2 == 4
2 * i8 == 4
i8 / 2 == 1
4 / i8 == 2
i8 % 2 == 1
i8 % 2 == -1
i8 % 2 != 1
i32 / 2 == -3
i32 % 4 == -3
i64 + 1 == 2
i64 * 2 == -2
i64 + 1 == -9223372036854775808
i8 + 100 == 227
i8 * 100 == 12700
f + 1 == 2
f + 0.5 == 2
f * 2 == 5
f / 2 == 0.5
f % 2 == 0.5
f - 0.1 == 0
f + 1.1 == 1.2
d + 1.1 == 1.2
d % 2 == 0.5
d / 3 == 100
i8 + 1 > 2
i8 + 1 in [3]
3 == i8 + 1
1 + 1 == i8
i8 == 1 + 1
i8 == 4 / 2
i8 == 5 / 2
i8 == 5 % 3
i8 == 2 ** 2
f == 5 / 2
f == 2.5 * 1
i8 == -1
i8 == - 1
i8 == +1
i8 == -(-1)
i8 == 0x1
i8 == 0b1
i8 == 01
i8 == 012
i8 == 1e0
f == 1e0
f == .1
f == 1.
(i8 == 1)
i8 == 1 or i8 == 2 and i8 == 3
i8 == 1 || i8 == 2
i8 == 1 && b == false
not (i8 == 1) and i8 > 0
!(i8 == 1)
not i8 == 1
not t like 'a%'
not i8 in [1]
not id in [1]
1 < i8 < 3
1 <= i8 < 3
3 > i8 > 1
3 >= i8 >= 1
1 < i8 > 2
1 < i8 < 3 and b == true
1 < i8 < 3 < 5
0.5 < i8 < 3
0.5 < f < 3
'a' <= t < 'b'
1 < f < 2.5
5 < i8 < 3
1 < j['a'] < 2
1 <= j['a'] <= 1
0.5 < j['a'] < 2
'a' <= j['s'] < 'b'
1 < color < 3
0 < n < 5
j['a'] == 1
j["a"] == 1
j['a'] != 1
j['a'] > 1
j['a'] >= 1
j['a'] < 1
j['a'] == 1.0
j['a'] != 1.0
j['a'] == 1.5
j['a'] > 1.2
j['a'] == '1'
j['a'] != '1'
j['a'] > ''
j['a'] == true
j['a'] != true
j['a'] > false
j['a'] == 9007199254740993
j['a'] == 9007199254740992
j['a'] > 9007199254740992
j['a'] == 9007199254740992.0
j['a'] in [1]
j['a'] in [1, 2]
j['a'] in [1.5]
j['a'] in [1.0]
j['a'] in ['1']
j['a'] in [true]
j['a'] in [1, '1']
j['a'] in [1, 1.5]
j['a'] in []
j['a'] not in [1]
j['a'] not in []
id in []
id not in []
t in []
j['s'] like 'a%'
j['s'] like 'x'
j['s'] like '%'
j['a'] like '1%'
not (j['s'] like 'a%')
j['missing'] == 1
j['missing'] != 1
j['missing'] > 1
not (j['missing'] == 1)
j['missing'] in [1]
j['missing'] not in [1]
j['o']['k'] == 1
j['o']['k'] != 1
j['o']['k'] == 'v'
j['l'][0] == 1
j['l'][0] == 'a'
j['l'][1] == 2.5
j['l'][9] == 1
j['l']['0'] == 1
j['a'][0] == 1
j['a']['0'] == 5
j['l'][0][1] == 2
j[0] == 1
j['constructor'] == 1
j['__proto__'] == 2
exists j['a']
exists j['l']
exists j['o']['k']
exists j['missing']
exists j['l'][0]
not exists j['a']
not (exists j['a'])
exists j['a'] and id > 3
exists j['a'] or id > 3
id > 3 and exists j['a']
(exists j['a']) and id > 3
exists (j['a'])
exists color
exists t
exists j
exists $meta['a']
EXISTS j['a']
json_contains(j['l'], 1)
json_contains(j['l'], 1.0)
json_contains(j['l'], 2.5)
json_contains(j['l'], 'a')
json_contains(j['l'], true)
json_contains(j['l'], [1,2])
json_contains(j['l'], [3])
json_contains(j['l'], 9007199254740993)
JSON_CONTAINS(j['l'], 1)
json_contains_any(j['l'], [1, 'a'])
json_contains_any(j['l'], [1, 3])
json_contains_any(j['l'], [2.5])
json_contains_any(j['l'], [])
json_contains_all(j['l'], [1, 2])
json_contains_all(j['l'], [1, 'a'])
json_contains_all(j['l'], [true, 'a', 1])
json_contains_all(j['l'], [])
json_contains_all(j['l'], [1, 1])
json_contains_all(j['l'], [1.0])
json_contains_all(j['l'], 1)
json_contains_any(j['l'], 1)
json_contains_any(j['l'], [[3]])
json_contains_all(j['l'], [[3],[1,2]])
not json_contains(j['l'], 1)
not (json_contains(j['l'], 1))
json_contains(j, 1)
json_contains(j['a'], 1)
json_contains(l, 1)
json_contains(j['l'], id)
json_contains(ai, 1)
array_contains(ai, 1)
array_contains(ai, 'a')
array_contains(at, 'a')
array_contains(at, 1)
array_contains(af, 0.1)
array_contains(af, 1)
array_contains(ai, 9007199254740993)
array_contains_any(ai, [1, 5])
array_contains_all(ai, [1, 2])
array_contains_all(at, ['a', 'b'])
array_contains_any(at, ['a', 'x'])
array_contains_any(ai, [])
array_contains_all(ai, [])
array_contains_any(ai, ['a'])
array_contains_any(af, [0.1])
array_contains_all(af, [0.1, 1])
array_contains(j['l'], 1)
ARRAY_CONTAINS(ai, 1)
array_length(ai) == 2
array_length(ai) != 2
array_length(ai) > 1
array_length(ai) == 0
array_length(at) == 1
array_length(j['l']) == 3
array_length(j['l']) == 0
array_length(j['l']) != 0
array_length(l) == 3
array_length(j) == 0
array_length(ai) == 2.0
array_length(ai) + 1 == 2
2 == array_length(ai)
array_length(ai) in [1]
ARRAY_LENGTH(ai) == 2
ai[0] == 1
ai[1] == 2
ai[9] == 2
ai[0] != 1
ai[0] > 1
ai[0] in [1, 2]
ai[0] not in [1, 2]
ai[0] == 1.0
at[0] == 'a'
at[0] like 'a%'
at[0] > 'a'
at[0] != 'a'
af[0] == 0.1
af[0] > 0
ai == [1]
ai == [1, 2]
ai != [1, 2]
j['l'] == [1, 2, 3]
j['l'] == []
j['l'] != [1, 2, 3]
ai[0] + 1 == 2
ai[0] + 1 != 2
0 < ai[0] < 2
not (ai[0] == 1)
ai['0'] == 1
t['a'] == 1
i8[0] == 1
ai in [1]
j['a'] + 1 == 2
j['a'] + 1 != 2
j['a'] + 1.5 == 3
j['a'] * 2 == 3
j['a'] * 2 == 3.0
j['a'] / 2 == 0.5
j['a'] / 2 == 0
j['a'] % 2 == 1
j['a'] % 2 == 0.5
j['a'] - 1 == 0.5
j['a'] + 1 == 9007199254740994
1 + j['a'] == 2
j['a'] == j['l']
j['a'] == i8
i8 == j['a']
color == 'c0'
color != 'c0'
color in ['c0', 'c2']
color like 'c%'
n == 2
n > 3
n + 1 == 3
a == 1
a['x'] == 1
o['k'] == 1
$meta['color'] == 'c0'
$meta['o']['k'] == 1
$meta["a"] == 1
constructor == 1
__proto__ == 2
exists constructor
l[0] == 1
true and i8 == 1
i8 == 1 and true
i8 == 1 or false
true == b
b == (1 == 1)
not true
b and b
b == true and not (b == false)
(1 < 2) and i8 == 1
t + 'a' == 'aa'
t == 'a' 'b'
i8 == 1 and
and i8 == 1
i8 == 1 and (i8 == 1
i8 in (1, 2)
i8 in [1, 2,]
i8 in [1 2]
i8 in [,1]
i8 in [id]
i8 in [1 + 1]
i8 in [-1]
i8 in [- 1, +2]
i8 in [0x1]
t in ["a", 'b']
"a" == t
'a' < t
1 == i8
1 > i8
1 in [1]
1 in i8
'a' in at
t like "a%" and i8 > 0
t like 'a%' or t like 'b%'
i8 > 1 > 0
i8 == 1 == true
(i8 == 1) == true
(i8 == 1) == (b == true)
i8 < 3 == true
i8 & 1 == 1
i8 | 1
i8 ^ 1
i8 << 1 == 2
~i8 == 1
-i8 == 1
+i8 == 1
i8 == --1
i8 == ~1
i8 == ~0
i8 == 1 << 1
i8 == 3 & 1
t == "\x61"
t == "\141"
t == "\U0001F600"
t == "\?"
t == "\'"
t == '\"'
t == "it\'s"
t == 'say \"a\"'
t == "\a"
t == "\t"
t == "\q"
t == "\0"
i64 % 2 == 1
i64 % 2 == 0
i64 % 10 == 7
i64 % 10 == 3
i64 % 1000 == 993
i64 / 2 == 4503599627370496
i64 - 1 == 9007199254740992
i64 * 3 == 9
j['a'] % 2 == 0
j['a'] % 2 != 1
j['a'] / 2 == 1
j['a'] + 1.5 == 2.5
j['a'] * 0.5 == 0.5
j['a'] * 0.5 == 1
j['a'] - 0.5 == 1
j['a'] / 2.0 == 0.5
j['a'] + 0.1 == 1.1
j['l'] == [1.0, 2.5]
j['l'] == [1, 2]
j['l'] == [1]
j['l'] == ['a', 'b']
j['l'] == ['a', 'c']
j['l'] == [9007199254740993]
j['l'] == [true]
j['l'] == [1.0]
j['l'] == [[1,2],[3]]
j['l'] != [1]
j == [1]
l == [1, 2, 3]
l[0] == [1,2]
j['l'][0] == [1, 2]
at == ['a']
at != ['a', 'b']
at == [1]
ai == ['a']
af == [0.1, 1.0]
af == [1]
[1] == ai
[1, 2] != ai
ai == []
ai == [1, 'a']
ai > [1]
ai[0] / 2 == 1
ai[0] % 2 == 1
ai[1] + 1 == 3
ai[1] * 2 == 4
af[1] + 1 == 2
af[0] + 1.1 == 1.2
af[1] > 3
af[1] in [1, 2]
af[0] in [0.1]
at[1] in ['b']
at[0] not in ['a']
not (at[0] like 'a%')
ai[0] < ai[1]
ai[0] == i8
at[0] == t
f in [0.1]
f not in [0.1]
f in [1]
f + 0.1 == 0.2
f * 0.1 == 0.01
d - 0.1 == 0
d * 3 == 0.3
d * 3 == 0.30000000000000004
f == 1e400
d == 1e400
d < 1e309
i8 == 1 and i32 == 1 and i64 == 1
i8 == 1 or i32 == 2 or i64 == 3
id == 1 or t == 'b' and b == true or not (i8 > 0)
not (not (i8 == 1))
not (i8 == 1 or i8 == 2)
not (i8 > 1 and t < 'c')
not (j['a'] > 1)
not (j['a'] != 1)
not (exists j['a']) or color == 'c0'
not (n > 3)
n != 2
n not in [2]
not (color like 'c%')
a in [1]
a not in [1]
a != 1
a == '1'
a == true
s like 'a%'
s > 'a'
l[0] > 0
o['k'] != 1
json_contains(l, 'a')
json_contains_any(l, ['a', 2])
json_contains_all(l, [2, 3])
array_length(l) == 0
array_length(l) != 3
json_contains($meta['l'], 1)
json_contains(j['l'], [])
json_contains(j['l'], [[1,2]])
json_contains(j['l'], [1, 2.0])
json_contains_any(j['l'], [[1,2],[5]])
json_contains_all(j['l'], [[1,2]])
json_contains_any(j['l'], ['b', 3])
json_contains_any(j['l'], [true, 2.5])
json_contains_any(j['l'], [1, 2.5])
json_contains_all(j['l'], [1, 2.5])
json_contains_all(j['l'], [1.0, 2.5])
json_contains_all(j['l'], [1, true])
json_contains(j['l'], 1.5)
json_contains(j['o'], 1)
array_contains_all(af, [1.0])
array_contains_any(af, [1, 2])
array_contains(af, 4)
array_contains(af, 4.0)
array_contains_any(at, ['a', 1])
array_contains_any(at, 'a')
array_contains(at, ['a'])
json_contains_any(at, ['a'])
json_contains_all(ai, [1, 2])
array_contains(b, true)
array_contains(ai[0], 1)
array_length(t) == 1
2 != array_length(ai)
array_length(ai) == '2'
array_length(ai) + 0 == 2
array_length(ai) < 3
array_length(ai) == array_length(at)
array_length(j['l']) == 2
exists j[0]
exists j['a'] == true
(exists j['a']) == true
exists $meta
exists color['x']
exists l[0]
t like 'ü%'
t like '😀%'
t like "it's%"
t like "%%"
t like 'a%%b'
t like ' a%'
t LIKE 'a%'
like == 1
in == 1
and
exists
t in ["it's", 'say "a"']
t not in ["it's", 'say "a"', ""]
'a' <= t <= 'abc'
'' < t < 'b'
0.05 < f < 0.2
0 < d <= 2.5
-1 <= i64 <= 3
-1 < i8 < 3
1 <= n <= 5
'b' > t >= 'a'
1 > f > 0
1 < i8 <= 2.5
'a' < i8 < 3
1 < b < 2
1 < j['a'] <= 9007199254740993
1.0 < j['a'] < 2.0
'' <= j['s'] <= 'b'
false < j['a'] < true
1 < ai[0] < 3
1 < ai < 3
id > 5 and (t == 'ü' or t == '😀')
i8==1&&i32==1||b==false
  i8   ==   1  
i8 == 1  not in [1]
i8 not in[1]
i8 in[1]
i8 not  in [1]
i8 == 1e2
i8 == 1.0
i8 == 0x7F
i8 == 0X7f
i8 == 0B1
i8 == 00
i8 == 08
f == 1e-1
f == 1E-1
f == 1.5f
i8 == 1L
i8 == 1_0
d == -1.0
d == - 1
d == --1.0
f > -0.5 and f < 0.5
i8 > -1 + 2
i8 == 2 * 3 - 1
i8 == 2 + 3 * 1
i8 == (2 + 1) * 1
i8 == 7 / 2 * 2
i8 == 2 ** 3 - 1
i8 == -2 ** 2
i8 == 7 % 4
f == 7 / 2.0 - 1
f == 10 / 4
`.split("\n").slice(1, -1)
