// Prints the test vectors of GoJson: secrets, JSON keys and what the ECS agent makes of them, which is what Go's
// encoding/json and fmt make of them. The same seed prints the same vectors. In secrets-core:
//
//	go run src/test/go/vectors.go | gzip -9 -n > src/test/resources/go-vectors.jsonl.gz
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"unicode/utf16"
)

func main() {
	seed := flag.Uint64("seed", 1, "where the random numbers begin")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	g := &generator{Rand: rand.New(rand.NewPCG(*seed, 0)), out: out, seen: map[string]bool{}}
	for _, area := range []struct {
		about string
		write func()
	}{
		{"numbers", g.numbers},
		{"order", g.order},
		{"strings", g.strings},
		{"surrogates", g.surrogates},
		{"duplicates", g.duplicates},
		{"nesting", g.nesting},
		{"keys", g.keys},
		{"places", g.places},
		{"syntax", g.syntax},
		{"length", g.length},
	} {
		g.about = area.about
		area.write()
	}
}

type generator struct {
	*rand.Rand
	out   *bufio.Writer
	seen  map[string]bool
	about string
}

// add writes a vector, if it is a new one.
func (g *generator) add(secret, key string) {
	text := units(secret)
	line := `"secretString":` + quote(text) + `,"jsonKey":` + quote(utf16.Encode([]rune(key)))
	if g.seen[line] {
		return
	}
	g.seen[line] = true
	// The agent's secret comes out of a JSON document, which Go has decoded: it has no unpaired surrogates.
	kind, verdict := agent(string(utf16.Decode(text)), key)
	fmt.Fprintf(g.out, "{\"about\":\"%s\",%s,\"%s\":%s}\n", g.about, line, kind, quote(utf16.Encode([]rune(verdict))))
}

// agent does what the ECS agent does with a secret's text and a JSON key.
func agent(secret, key string) (kind, verdict string) {
	members := make(map[string]interface{})
	if json.Unmarshal([]byte(secret), &members) != nil {
		return "error", "not a JSON object"
	}
	value, ok := members[key]
	if !ok {
		return "error", "missing key"
	}
	return "value", fmt.Sprintf("%v", value)
}

// Go's strings hold no unpaired surrogates and Java's do: these runes stand for them.
const (
	standIn    = 0xF0000
	surrogate  = 0xD800
	surrogates = 0x800
)

func units(text string) []uint16 {
	var units []uint16
	for _, r := range text {
		if r >= standIn && r < standIn+surrogates {
			units = append(units, uint16(r-standIn+surrogate))
		} else {
			units = utf16.AppendRune(units, r)
		}
	}
	return units
}

func quote(units []uint16) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, unit := range units {
		switch {
		case unit < ' ' || unit > '~':
			quoted.WriteString(fmt.Sprintf(`\u%04x`, unit))
		case unit == '"' || unit == '\\':
			quoted.WriteByte('\\')
			fallthrough
		default:
			quoted.WriteByte(byte(unit))
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}

func pick[T any](g *generator, values ...T) T {
	return values[g.IntN(len(values))]
}

// numbers are doubles of all kinds in spellings of all kinds.
func (g *generator) numbers() {
	for _, number := range []string{"0", "-0", "0.0", "-0.0e-0", "0e999999999999", "-0e-999999999999", "1e-99999999999999999999",
		"1e400", "-1e400", "1e99999999999999999999", "0." + strings.Repeat("0", 5000) + "1e5001", "1" + strings.Repeat("0", 700) + "e-700",
		"1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308", "1.797693134862315808e308",
		"1.7976931348623159e308", "179769313486231580793" + strings.Repeat("0", 288), "4.9406564584124654e-324", "2.4703282292062327e-324",
		"2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308"} {
		g.add(`{"k":`+number+`}`, "k")
	}
	for range 9000 {
		number := g.number()
		switch g.IntN(8) {
		case 0:
			number = "[" + number + "," + g.number() + " ,\n" + g.number() + "]"
		case 1:
			number = `{"n":` + number + "}"
		}
		g.add(`{"k":`+number+`}`, "k")
	}
}

func (g *generator) number() string {
	double := g.double()
	var digits string
	var exponent int
	switch g.IntN(7) {
	case 0:
		digits, exponent = decimal(strconv.FormatFloat(double, 'e', -1, 64))
	case 1:
		digits, exponent = decimal(strconv.FormatFloat(double, 'e', g.IntN(20), 64))
	case 2:
		digits, exponent = decimal(strconv.FormatFloat(double, 'e', g.IntN(80), 64))
	case 3:
		digits, exponent = decimal(tie(double).Text('e', 1200))
		// What is a digit more or less than a tie is rounded to one side.
		switch g.IntN(3) {
		case 0:
			digits += strings.Repeat("0", g.IntN(40)) + "1"
		case 1:
			digits = digits[:len(digits)-1]
		}
	case 4:
		digits, exponent = g.digits(1+g.IntN(20)), pick(g, -330, 304)+g.IntN(12)
	case 5:
		digits, exponent = g.digits(1+g.IntN(20)), g.IntN(650)-340
	case 6:
		digits, exponent = g.digits(1+g.IntN(pick(g, 4, 40, 400))), g.IntN(30)-12
	}
	return pick(g, "", "", "-") + g.spell(digits, exponent)
}

func (g *generator) double() float64 {
	var double float64
	switch g.IntN(7) {
	case 0:
		double = math.Float64frombits(g.Uint64() >> 1)
	case 1:
		double = math.Ldexp(g.Float64(), g.IntN(120)-60)
	case 2:
		double = math.Float64frombits(g.Uint64() >> (12 + g.IntN(52)))
	case 3:
		double = math.Ldexp(1, g.IntN(2098)-1074)
	case 4:
		double, _ = strconv.ParseFloat(fmt.Sprintf("%de%d", 1+g.IntN(9), g.IntN(632)-324), 64)
	case 5:
		// Where the exponent form begins, and where it would begin if Go printed as other languages do.
		double, _ = strconv.ParseFloat(pick(g, "1e-7", "1e-5", "1e-4", "1e-3", "1", "1e5", "1e6", "1e7", "1e15", "1e16", "1e17", "1e20", "1e21"), 64)
	case 6:
		double = float64(g.Uint64() >> g.IntN(64))
	}
	for range g.IntN(4) {
		double = math.Nextafter(double, pick(g, 0, math.Inf(1)))
	}
	if math.IsNaN(double) || math.IsInf(double, 0) || double == 0 {
		return g.double()
	}
	return double
}

// tie returns what is halfway between a double and the next.
func tie(double float64) *big.Float {
	exact := func(double float64) *big.Float { return new(big.Float).SetPrec(2200).SetFloat64(double) }
	next := math.Nextafter(double, math.Inf(1))
	if math.IsInf(next, 0) {
		return exact(double)
	}
	sum := exact(double)
	return sum.Quo(sum.Add(sum, exact(next)), exact(2))
}

// decimal returns the digits of a number and the exponent of the first.
func decimal(text string) (string, int) {
	mantissa, exponent, _ := strings.Cut(text, "e")
	first, _ := strconv.Atoi(exponent)
	return strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0"), first
}

func (g *generator) digits(length int) string {
	digits := make([]byte, length)
	for i := range digits {
		digits[i] = byte('0' + g.IntN(10))
	}
	digits[0] = byte('1' + g.IntN(9))
	return string(digits)
}

// spell writes digits and the exponent of the first as JSON, with the point and the exponent wherever they may be.
func (g *generator) spell(digits string, exponent int) string {
	if exponent > -25 && exponent < 25 && g.IntN(2) == 0 {
		return point(digits, exponent+1)
	}
	at := 1
	if g.IntN(2) == 0 {
		// Go itself misreads some numbers of more than 800 digits before the point.
		at = g.IntN(min(len(digits)+8, 700)) - 3
	}
	exponent -= at - 1
	sign := pick(g, "", "+")
	if exponent < 0 {
		sign, exponent = "-", -exponent
	}
	return point(digits, at) + pick(g, "e", "E") + sign + pick(g, "", "", "0", "000") + strconv.Itoa(exponent)
}

// point puts a point before the digit at an index, which may be outside of the digits.
func point(digits string, at int) string {
	if at <= 0 {
		return "0." + strings.Repeat("0", -at) + digits
	}
	if at >= len(digits) {
		return digits + strings.Repeat("0", at-len(digits))
	}
	return digits[:at] + "." + digits[at:]
}

// What JSON escapes, the first and the last of each length in UTF-8, and what is around the surrogates.
var edges = []rune{0, '\b', '\f', '\n', '\r', '\t', '"', '\\', '/', ' ', '0', 'A', 'a', 'b', '~', 0x7F, 0x80, 0xFF, 0x7FF, 0x800,
	0x2028, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x10000, 0x1F3EE, 0x1FFFF, 0x20000, 0x10FFFF}

func (g *generator) text(length int) string {
	var text strings.Builder
	for range g.IntN(length + 1) {
		text.WriteRune(pick(g, edges...))
	}
	return text.String()
}

// str writes a string as JSON, some of it escaped.
func (g *generator) str(text string) string {
	var str strings.Builder
	str.WriteByte('"')
	for _, r := range text {
		short := strings.IndexRune("\"\\/\b\f\n\r\t", r)
		switch {
		case short >= 0 && g.IntN(4) > 0:
			str.WriteString(`\` + `"\/bfnrt`[short:short+1])
		case r < ' ' || r == '"' || r == '\\' || g.IntN(4) == 0:
			for _, unit := range utf16.Encode([]rune{r}) {
				str.WriteString(fmt.Sprintf(pick(g, `\u%04x`, `\u%04X`), unit))
			}
		default:
			str.WriteRune(r)
		}
	}
	str.WriteByte('"')
	return str.String()
}

func (g *generator) space() string {
	if g.IntN(4) > 0 {
		return ""
	}
	return pick(g, " ", "  ", "\t", "\n", "\r\n", " \t\r\n ")
}

// member writes a member of an object, with the comma before it.
func (g *generator) member(first bool, name, value string) string {
	comma := ","
	if first {
		comma = ""
	}
	return comma + g.space() + g.str(name) + g.space() + ":" + g.space() + value + g.space()
}

func (g *generator) object(names []string, value func() string) string {
	var object strings.Builder
	for i, name := range names {
		object.WriteString(g.member(i == 0, name, value()))
	}
	return g.space() + "{" + object.String() + "}" + g.space()
}

func (g *generator) names(count, length int) []string {
	names := make([]string, 1+g.IntN(count))
	for i := range names {
		names[i] = g.text(length)
	}
	return names
}

// value writes any value.
func (g *generator) value(depth int) string {
	kinds := 6
	if depth > 2 {
		kinds = 4
	}
	switch g.IntN(kinds) {
	case 0:
		return pick(g, "null", "true", "false")
	case 1:
		return g.str(g.text(6))
	case 2:
		return g.spell(g.digits(1+g.IntN(18)), g.IntN(44)-22)
	case 3:
		return pick(g, "0", "-1", "1.0", "100000", "1000000", "{}", "[]", `""`, `"<nil>"`, "1e3")
	case 4:
		return g.object(g.names(5, 2), func() string { return g.value(depth + 1) })
	default:
		values := make([]string, 1+g.IntN(5))
		for i := range values {
			values[i] = g.space() + g.value(depth+1) + g.space()
		}
		return "[" + strings.Join(values, ",") + "]"
	}
}

// order is of keys by their bytes.
func (g *generator) order() {
	for range 1500 {
		count := 0
		number := func() string { count++; return strconv.Itoa(count) }
		g.add(`{"k":`+g.object(g.names(12, 3), number)+`}`, "k")
	}
}

// strings are printed as they are, also in arrays and maps.
func (g *generator) strings() {
	for unit := range 0x10000 {
		if unit < 0x100 || unit%251 == 0 || unit >= 0xFFF0 {
			escaped := fmt.Sprintf(`\u%04x`, uint16(unit))
			g.add(`{"k":"a`+escaped+`b"}`, "k")
			if unit >= ' ' && unit != '"' && unit != '\\' && (unit < surrogate || unit >= surrogate+surrogates) {
				g.add(`{"k":["a`+string(rune(unit))+`b"]}`, "k")
			}
		}
	}
	for range 1200 {
		text := g.str(g.text(20))
		g.add(pick(g, `{"k":`+text+`}`, `{"k":[`+text+`]}`, `{"k":{`+text+`:`+g.str(g.text(5))+`}}`), "k")
	}
}

// surrogates that are unpaired, escaped and not, are replaced one by one.
func (g *generator) surrogates() {
	for range 2500 {
		var text strings.Builder
		for range 1 + g.IntN(6) {
			unit := uint16(pick(g, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, surrogate+g.IntN(surrogates)))
			switch g.IntN(8) {
			case 0, 1, 2:
				text.WriteString(fmt.Sprintf(pick(g, `\u%04x`, `\u%04X`), unit))
			case 3, 4:
				text.WriteRune(rune(unit) - surrogate + standIn)
			case 5:
				text.WriteString(pick(g, "😀", `\ud83d\ude00`, `\uD83D`, `\uDE00`, `\\`, `\n`, "a", `\u0061`, "\uFFFD", `\ufffd`))
			case 6:
				text.WriteString(fmt.Sprintf(`\\u%04x`, unit))
			case 7:
				text.WriteString(fmt.Sprintf(`\u%04x`, 0xD800) + fmt.Sprintf(`\u%04x`, 0xDC00|unit))
			}
		}
		str := `"` + text.String() + `"`
		g.add(pick(g, `{"k":`+str+`}`, `{"k":[`+str+`]}`, `{"k":{`+str+`:1}}`, `{"k":{"\ud800":1,`+str+`:2,"\ufffd\udfff":3}}`), "k")
		g.add(`{`+str+`:"found"}`, pick(g, "\uFFFD", "\uFFFD\uFFFD", "😀", "\U00010000"))
	}
}

// duplicates are names that are the same to Go: the last one counts, even for a value of another kind.
func (g *generator) duplicates() {
	for range 1500 {
		few := append(g.names(2, 2), "k")
		var names []string
		for range 2 + g.IntN(6) {
			names = append(names, pick(g, few...))
		}
		object := g.object(names, func() string { return g.value(1) })
		if g.IntN(2) == 0 {
			g.add(object, pick(g, few...))
		} else {
			g.add(`{"k":`+object+`}`, "k")
		}
	}
	for range 200 {
		names := []string{`"\ud800"`, `"\udfff"`, `"\ufffd"`, "\"\uFFFD\"", `"` + string(rune(standIn+g.IntN(surrogates))) + `"`}
		g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		object := "{" + names[0] + ":1," + names[1] + ":2," + names[2] + `:{"a":3}}`
		g.add(object, "\uFFFD")
		g.add(`{"k":`+object+`}`, "k")
	}
}

// nesting is deep, up to the limit of Go, and wide.
func (g *generator) nesting() {
	for _, depth := range []int{1, 2, 10, 100, 1000, 9998, 9999, 10000, 10001} {
		for range 4 {
			pairs := []string{pick(g, "[]", `{"":}`), pick(g, "[]", "{\"a\":\n}"), "[]"}
			before, after := make([]string, depth), make([]string, depth)
			for i := range depth {
				pair := pairs[i%len(pairs)]
				before[i], after[depth-1-i] = pair[:len(pair)-1], pair[len(pair)-1:]
			}
			deep := strings.Join(before, "") + pick(g, "1", `"x"`, "null") + strings.Join(after, "")
			g.add(`{"k":`+deep+`}`, "k")
			// Depth counts where nobody asks for the value too.
			g.add(`{"j":`+deep+`,"k":1}`, "k")
		}
		g.add(`{"k":`+strings.Repeat("[", depth), "k")
		g.add(`{"k":1}`+strings.Repeat("]", depth), "k")
	}
	for range 8 {
		g.add(`{"k":`+g.object(g.names(1000, 4), func() string { return g.value(2) })+`}`, "k")
	}
	for range 1500 {
		g.add(`{"k":`+g.value(0)+`}`, "k")
	}
}

// keys are found as they are, at the top level only.
func (g *generator) keys() {
	for range 1500 {
		names := append(g.names(6, 2), pick(g, "k", "K", "a.b", "a", "a/b", "0", "k ", " k", "k\x00"))
		key := pick(g, pick(g, names...), "k", "K", "a.b", "a", "", strings.ToUpper(names[0]), names[0]+" ")
		g.add(g.object(names, func() string { return g.value(1) }), key)
	}
	for _, root := range []string{"", " ", "null", " null\n", "nul", "nulll", "null null", "NULL", "true", "1", `"k"`, `["k"]`, "[]", "{}", " {} ",
		"{}{}", "{},", "{}\x00", "{}null", "{} 1", `[{"k":1}]`, `"{\"k\":1}"`, "k", "k=1", "k: 1"} {
		g.add(root, "k")
		g.add(root, "")
	}
}

// places put each of many characters into each place of a document.
func (g *generator) places() {
	characters := []string{"\u0085", "\u00A0", "\u1680", "\u2003", "\u2028", "\u3000", "\uFEFF", "é", "٣", "１", "“", "😀", string(rune(standIn)),
		"//", "/*", "/**/", "#", "true", "null", "nul", "NaN", "Infinity", "-Infinity", "0x1", "1_0", "01", "-01", "00", ".5", "5.", "-.5", "+1", "--1",
		"1e", "1e+", "1e-", "1.e1", "1e1.5", "1E+01", "1f", "1d", "1L", "''", "'a'", "`", "undefined", `\u`, `\u1`, `\u12`, `\u123`, `\u123g`,
		`\u{41}`, `\U0041`, `\x41`, `\0`, `\101`, `\'`, `\a`, `\v`, `\e`, "[1,]", "[,1]", "[1 2]", "[1:2]", `{"a":1,}`, `{,"a":1}`, `{"a" 1}`, `{"a"}`,
		`{"a":}`, `{"a":1 "b":2}`, `{a:1}`, `{1:1}`, `{null:1}`, `{'a':1}`, `{"a":1;"b":2}`, `{"a"=1}`, "[", "]", "{", "}", `"`,
		`"a`, `a"`, "]]", "}}", "[}", "{]"}
	for c := range 0x80 {
		characters = append(characters, string(rune(c)))
	}
	for _, c := range characters {
		for _, place := range []string{`%s{"k":1}`, `{%s"k":1}`, `{"k"%s:1}`, `{"k":%s}`, `{"k":%s1}`, `{"k":1%s}`, `{"k":1}%s`, `{"k":1,%s"l":2}`,
			`{"k":1%s,"l":2}`, `{"k":"%s"}`, `{"k":"\%s"}`, `{"%s":1,"k":2}`, `{"k":-%s}`, `{"k":1.%s}`, `{"k":1e%s}`, `{"k":1%s2}`, `{"k":0%s}`,
			`{"k":[%s]}`, `{"k":[1%s]}`, `{"k":[1,%s2]}`, `{"k":{%s}}`, `{"k":tru%s}`, `{"k":null%s}`} {
			g.add(strings.Replace(place, "%s", c, 1), "k")
		}
	}
}

// syntax is that of valid documents, and what becomes of it by a few changes.
func (g *generator) syntax() {
	alphabet := append([]rune("{}[]{}[],,::\"\"\\\\0123456789.-+eE \t\n\rtruefalsn/u'#;"), edges...)
	for range 6000 {
		document := []rune(`{"k":` + g.value(1) + pick(g, "", `,"l":`+g.value(1)) + "}")
		for range 1 + g.IntN(3) {
			at := g.IntN(len(document))
			to := at + g.IntN(min(4, len(document)-at)) + 1
			before, part, after := string(document[:at]), string(document[at:to]), string(document[to:])
			switch g.IntN(6) {
			case 0:
				document = []rune(before + after)
			case 1:
				document = []rune(before + string(pick(g, alphabet...)) + part + after)
			case 2:
				document = []rune(before + string(pick(g, alphabet...)) + after)
			case 3:
				document = []rune(before + part + part + after)
			case 4:
				document = []rune(before + strings.ToUpper(part) + after)
			case 5:
				if g.IntN(3) == 0 {
					document = []rune(before)
				}
			}
			if len(document) == 0 {
				break
			}
		}
		g.add(string(document), "k")
	}
}

// length puts values where the buffers of parsers end.
func (g *generator) length() {
	for range 200 {
		value := pick(g, "-12345.678e+3", "true", "null", `"\ud83d\ude00\u0041"`, `"😀😀\n\\"`, `{"a":[1,2],"b":{}}`, "[ 1 , 2 ]",
			"1e400", "tru", `"\ud83d\u0041"`)
		end := pick(g, 2000, 4000, 8000, 16000, 32000, 32768, 36000, 65536) + g.IntN(40) - 32
		padding := strings.Repeat(pick(g, " ", "x"), max(0, end))
		if padding[0] == 'x' {
			padding = `"p":"` + padding + `",`
		}
		g.add("{"+padding+`"k":`+value+pick(g, "", " ", ",\"l\":1")+"}", "k")
	}
}
