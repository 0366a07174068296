package simulator

import (
	"fmt"
	"strings"
	"time"
)

// hirers and the tables below hold what real data holds and test data forgets: umlauts, scripts without capitals,
// names in one word, characters outside the basic plane, quotes, markup and combining marks.
var hirers = [...]string{"Acme Pty Ltd", "Müller & Söhne GmbH", "株式会社サンプル", "Te Whare Ora", "O’Brien <Recruiting> \"24/7\""}

var givenNames = [...]string{"Zoë", "Jürgen", "李", "Nguyễn", "Siobhán", "さくら", "Ana-María", "Ōtautahi", "🦘 Joey", "Łukasz", "Aroha", "Muhammad", "e\u0301lodie", "X Æ A-12"}

var familyNames = [...]string{"O'Neill", "Müller", "小龙", "Thị Hương", "de la Cruz", "Smith-Jones", "田中", "Åkesson", "Null", "van der Berg", "Te Rangi", "Ø", "<script>alert(1)</script>"}

var titles = [...]string{"Registered Nurse", "Kältetechniker (m/w/d)", "シニアエンジニア", "Barista ☕", "Café Manager – “weekends”", "C++ & C# Developer", "Kaiako / Teacher"}

var cities = [...]string{"Melbourne", "Wellington", "Hồ Chí Minh", "Ōtaki", "香港", "Kuala Lumpur"}

func (m maker) candidate() any {
	return object{
		"__typename":              "Candidate",
		"documentId":              oid(m.id("candidate:feed")),
		"person":                  m.person,
		"seekPrimaryEmailAddress": nil,
		"distributionGuidelines":  object{"__typename": "DistributionGuidelines"},
		"profiles":                []any{},
	}
}

// person is what must never be seen outside the store and the destinations: each text carries the canary. A deleted
// candidate's data comes back redacted, without any event that says so.
func (m maker) person() any {
	if m.e.redacted {
		return object{"__typename": "CandidatePerson", "name": personName("redacted", "redacted", nil), "communication": communication(nil, nil, nil)}
	}
	r := m.rng(partPerson)
	given, family := givenNames[r.IntN(len(givenNames))]+m.mark(), familyNames[r.IntN(len(familyNames))]+m.mark()
	email := fmt.Sprintf("candidate%d%s@example.com", r.IntN(1_000_000), m.mark())
	phone := fmt.Sprintf("+61 4%02d %03d %03d%s", r.IntN(100), r.IntN(1000), r.IntN(1000), m.mark())
	city := cities[r.IntN(len(cities))]
	line := fmt.Sprintf("%d Example St%s", 1+r.IntN(400), m.mark())
	address := object{"__typename": "Address", "city": city, "countryCode": "AU", "line": line, "formattedAddress": line + ", " + city, "postalCode": "3000"}
	return object{
		"__typename": "CandidatePerson",
		"name":       personName(given+" "+family, given, family),
		"communication": communication([]any{address},
			[]any{object{"__typename": "Email", "address": email}},
			[]any{object{"__typename": "Phone", "formattedNumber": phone}}),
	}
}

// mark is the canary with a separator, or nothing.
func (m maker) mark() string {
	if m.canary == "" {
		return ""
	}
	return "-" + m.canary
}

func personName(formatted, given string, family any) object {
	return object{"__typename": "PersonName", "formattedName": formatted, "given": given, "family": family}
}

func communication(address, email, phone []any) object {
	return object{"__typename": "Communication", "address": address, "email": email, "phone": phone, "seekDoNotContactIndicator": false}
}

func (m maker) profile(kind, source string) any {
	r := m.rng(partProfile)
	attachments := []any{}
	for i := range r.IntN(3) {
		if m.e.redacted {
			break
		}
		id := objectID(r, m.e.scheme, "attachment:apply")
		attachments = append(attachments, object{
			"__typename":   "Attachment",
			"id":           oid(id),
			"url":          "https://graphql.seek.com/attachments/" + strings.ReplaceAll(id, ":", "/"),
			"descriptions": []any{},
			"seekRoleCode": []any{"Resume", "CoverLetter", nil}[i],
		})
	}
	return object{
		"__typename":                "CandidateProfile",
		"profileId":                 oid(m.id(kind)),
		"candidate":                 m.candidate,
		"createDateTime":            m.e.created,
		"updateDateTime":            m.e.created.Add(time.Second),
		"associatedPositionProfile": m.position,
		"attachments":               attachments,
		"candidateSources":          []any{object{"__typename": "CandidateSource", "name": "SEEK", "type": source}},
	}
}

func (m maker) position() any {
	r := m.rng(partPosition)
	title := titles[r.IntN(len(titles))]
	city := cities[r.IntN(len(cities))]
	id := m.id("positionProfile:jobAd")
	return object{
		"__typename":                 "PostedPositionProfile",
		"profileId":                  oid(id),
		"positionTitle":              title,
		"positionUri":                fmt.Sprintf("https://www.seek.com.au/job/%d", 10_000_000+r.IntN(90_000_000)),
		"positionOrganizations":      []any{func() any { return m.hirer() }},
		"positionOpening":            m.opening,
		"positionLocation":           []any{object{"__typename": "Location", "id": oid("seekAnz:location:seek:" + city), "name": city, "contextualName": city + " CBD", "countryCode": "AU"}},
		"jobCategories":              []any{object{"__typename": "JobCategory", "id": oid("seekAnz:jobCategory:seek:27FT"), "name": "Engineering – Hardware"}},
		"offeredRemunerationPackage": object{"__typename": "RemunerationPackage", "basisCode": "Salaried", "descriptions": []any{"$80k – $95k + super"}},
		"positionScheduleTypeCodes":  []any{"FullTime"},
		"seekAnzWorkTypeCode":        "FullTime",
		"seekTypeCode":               "JobAd",
		"seekHirerJobReference":      m.partnerReference(),
		"seekBillingReference":       nil,
		"seekPartnerMetadata":        fmt.Sprintf(`{"requisition":"%s"}`, m.partnerReference()),
	}
}

func (m maker) opening() any {
	return object{
		"__typename":          "PositionOpening",
		"documentId":          oid(m.id("positionOpening:jobAd")),
		"statusCode":          "Active",
		"seekPartnerMetadata": nil,
		"postingRequester": object{
			"__typename": "PostingRequester", "id": oid(m.hirerID()), "name": hirers[m.hirerNumber()], "roleCode": "Company", "personContacts": []any{},
		},
	}
}
