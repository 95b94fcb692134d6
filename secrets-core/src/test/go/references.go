// Prints the test vectors of SecretReference: texts as a valueFrom may have them, and what the ECS agent makes of each. The same seed
// prints the same vectors. In secrets-core:
//
//	go run src/test/go/references.go | gzip -9 -n > src/test/resources/go-references.jsonl.gz
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
)

// A vector is a text and its verdict: "secret" and "parameter" are taken, "ecs" is what the agent refuses or cannot look up, and
// "aws" is what the agent would pass on and AWS would refuse.
type vector struct {
	About        string `json:"about"`
	ValueFrom    string `json:"valueFrom"`
	Verdict      string `json:"verdict"`
	SecretId     string `json:"secretId,omitempty"`
	JsonKey      string `json:"jsonKey,omitempty"`
	VersionStage string `json:"versionStage,omitempty"`
	VersionId    string `json:"versionId,omitempty"`
	Name         string `json:"name,omitempty"`
	Region       string `json:"region,omitempty"`
}

var (
	partition = regexp.MustCompile(`^aws[a-z-]*$`)
	region    = regexp.MustCompile(`^[a-z]+-[a-z-]*-[0-9]+$`)
	account   = regexp.MustCompile(`^[0-9]{12}$`)
	name      = regexp.MustCompile(`^([A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+)$`)
	label     = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	unclean   = regexp.MustCompile("[\\s\"'`“”‘’«»\\x00-\\x1f\\x7f-\\x9f\\x{a0}\\x{ad}\\p{Zs}\\p{Zl}\\p{Zp}\\p{Cf}]|\\$|\\{\\{|[#%]\\{.*\\}|\\[\\[.*\\]\\]|<.*>|%.*%")
	template  = regexp.MustCompile(`\$\{.*\}|\{\{.*\}\}`)
)

const reference = "/aws/reference/secretsmanager/"

// agent splits a text as the ECS agent does: by arn.Parse of AWS's SDK for Go, then at the colons of the resource.
func agent(v *vector) {
	if !strings.HasPrefix(v.ValueFrom, "arn:") {
		v.Verdict, v.Name = parameter(v.ValueFrom)
		return
	}
	sections := strings.SplitN(v.ValueFrom, ":", 6)
	if len(sections) < 6 {
		v.Verdict = "ecs"
		return
	}
	clean := partition.MatchString(sections[1]) && region.MatchString(sections[3]) && account.MatchString(sections[4])
	switch sections[2] {
	case "secretsmanager":
		v.secret(sections, clean)
	case "ssm":
		path, found := strings.CutPrefix(sections[5], "parameter/")
		if strings.Contains(path, "/") {
			path = "/" + path
		}
		if v.Verdict, v.Name = parameter(path); !clean || !found || strings.HasPrefix(path, reference) {
			v.Verdict, v.Name = "aws", ""
		}
		if v.Verdict == "parameter" {
			v.Region = sections[3]
		}
	default:
		v.Verdict = "ecs"
	}
}

func (v *vector) secret(sections []string, clean bool) {
	parts := strings.Split(sections[5], ":")
	if len(parts) != 2 && len(parts) != 5 {
		v.Verdict = "ecs"
		return
	}
	parts = append(parts, "", "", "")
	if !clean || parts[0] != "secret" || parts[1] == "" || unclean.MatchString(parts[1]+":"+parts[3]+":"+parts[4]) {
		v.Verdict = "aws"
		return
	}
	if template.MatchString(parts[2]) {
		// No secret has such a key.
		v.Verdict = "ecs"
		return
	}
	v.Verdict, v.Region = "secret", sections[3]
	v.SecretId = strings.Join(sections[:5], ":") + ":" + parts[0] + ":" + parts[1]
	v.JsonKey, v.VersionStage, v.VersionId = parts[2], parts[3], parts[4]
}

// parameter tells what becomes of a name. One with a selector returns from Parameter Store without it, so that the agent does not find it.
func parameter(text string) (verdict, found string) {
	if id, isReference := strings.CutPrefix(text, reference); isReference && id != "" && !strings.Contains(id, ":") && !unclean.MatchString(id) {
		return "parameter", text
	}
	if name.MatchString(text) {
		return "parameter", text
	}
	before, after, _ := strings.Cut(text, ":")
	if label.MatchString(after) && (name.MatchString(before) || strings.HasPrefix(before, reference) && !unclean.MatchString(before)) {
		return "ecs", ""
	}
	return "aws", ""
}

type generator struct {
	*rand.Rand
	out  *json.Encoder
	seen map[string]bool
}

func (g *generator) add(about, text string) {
	if !g.seen[text] {
		g.seen[text] = true
		v := &vector{About: about, ValueFrom: text}
		agent(v)
		g.out.Encode(v)
	}
}

func pick(g *generator, values ...string) string {
	return values[g.IntN(len(values))]
}

func (g *generator) word(alphabet string, length int) string {
	word := make([]byte, 1+g.IntN(length))
	for i := range word {
		word[i] = alphabet[g.IntN(len(alphabet))]
	}
	return string(word)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// secretName is one that people and services give.
func (g *generator) secretName() string {
	base := pick(g, "db", "prod/orders/db", "smtp-mailing", g.word(letters+"/_+=.@-!", 40), "api.key", "user@example.com", "a=b+c",
		"rds!db-"+g.word("0123456789abcdef-", 36), "rds!cluster-"+g.word("0123456789abcdef-", 36), "redshift!"+g.word(letters, 12)+"-admin",
		"events!connection/"+g.word(letters, 12)+"/"+g.word("0123456789abcdef-", 36), "ecs-sc!"+g.word(letters, 12),
		"aws/"+g.word(letters, 8), "opensearch!"+g.word(letters, 8), "AmazonMSK_"+g.word(letters, 8), "a,b;c", "büro", "密码", "100*", "a?b", "a~b^c|d&e(f)")
	return base + pick(g, "", "", "-"+g.word(letters, 1)+"AbC1"+g.word(letters, 1))
}

func (g *generator) parameterName() string {
	name := pick(g, "hamako-favorite-word", "A.b_c-9", g.word(letters+"_.-", 30), "/app/db/password", "/"+g.word(letters+"_.-", 12)+"/"+g.word(letters+"_.-", 12),
		"/aws/service/global-infrastructure/regions", reference+g.secretName())
	return name
}

func (g *generator) arn(service, resource string) string {
	return strings.Join([]string{"arn", pick(g, "aws", "aws", "aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"), service,
		pick(g, "eu-west-1", "us-gov-west-1", "ap-southeast-4", "cn-north-1", "us-isob-east-1", "eusc-de-east-1", "mx-central-1"),
		pick(g, "123456789012", "000000000000", "001234567890"), resource}, ":")
}

func (g *generator) secretArn() string {
	selector := ":" + strings.Join([]string{pick(g, "", "password", "a key", "a.b", "x/y", "ключ", `"quoted"`, " k ", "a<b", "e'f"),
		pick(g, "", "", "AWSPREVIOUS", "AWSPENDING", "my stage", "blue"), pick(g, "", "", "EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE")}, ":")
	return g.arn("secretsmanager", "secret:"+g.secretName()+pick(g, "", selector, selector))
}

func (g *generator) reference() string {
	switch g.IntN(5) {
	case 0:
		return g.parameterName()
	case 1:
		name := g.parameterName()
		return g.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
	default:
		return g.secretArn()
	}
}

func main() {
	seed := flag.Uint64("seed", 1, "where the random numbers begin")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	g := &generator{Rand: rand.New(rand.NewPCG(*seed, 0)), out: json.NewEncoder(out), seen: map[string]bool{}}
	g.out.SetEscapeHTML(false)
	for range 3000 {
		g.add("forms", g.reference())
	}
	for range 800 {
		// Parts too many and too few.
		parts := strings.Split(g.reference(), ":")
		at := g.IntN(len(parts))
		g.add("parts", strings.Join(append(parts[:at:at], parts[min(len(parts), at+1):]...), ":"))
		g.add("parts", strings.Join(append(parts[:at:at], append([]string{pick(g, "", "", "x", "db")}, parts[at:]...)...), ":"))
	}
	for range 1500 {
		// What AWS refuses, wherever it is.
		text := []rune(g.reference())
		at := pick(g, "begin", "end", "inside")
		i := map[string]int{"begin": 0, "end": len(text), "inside": g.IntN(len(text))}[at]
		foreign := pick(g, " ", "\t", "\n", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u202e", "\u2028", "\x00", "\x1b", `"`, "'", "`", "“", "’",
			"${DB_ARN}", "{{ arn }}", "<secret-arn>", "$(ARN)", "#{arn}", "%{arn}", "%ARN%", "$ARN", "[[arn]]")
		g.add("foreign", string(text[:i])+foreign+string(text[i:]))
	}
	for _, text := range []string{"", " ", "/", "//", "a/b", "/a/", "/a//b", ":", "::", "name:3", "/app/name:label", "db:password::", "smtp:user::", "arn", "arn:", "arn::::::",
		"arn:aws:secretsmanager", "arn:aws:s3:::bucket/x", "arn:aws:kms:eu-west-1:123456789012:key/x", "arn:aws:ssm:eu-west-1:123456789012:parameter/",
		"arn:aws:ssm:eu-west-1:123456789012:parameter/name:3", "arn:aws:ssm:eu-west-1:123456789012:document/x", reference, reference + "db:AWSPREVIOUS",
		"aws-secretsmanager:/secrets/db", "aws-parameterstore:/app/", "{{resolve:secretsmanager:db:SecretString:password}}", "https://x/y"} {
		g.add("few", text)
	}
}
