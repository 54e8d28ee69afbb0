/* Schemas that are good: what becomes of each construct; the shipped one. */
#include "model/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void
print_fault(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static struct schema *
read_good(const char *text)
{
	struct schema *s;

	s = schema_read("t", text, strlen(text), print_fault, NULL);
	ck_assert_ptr_nonnull(s);
	return s;
}

static const struct schema_model *
model(const struct schema *s, const char *name)
{
	const struct schema_model *m = schema_model(s, name, strlen(name));

	ck_assert_msg(m != NULL, "model %s", name);
	return m;
}

static const struct schema_field *
field(const struct schema_model *m, const char *name)
{
	const struct schema_field *f = schema_field(m, name, strlen(name));

	ck_assert_msg(f != NULL, "field %s.%s", m->name, name);
	return f;
}

static const struct schema_relation *
relation(const struct schema_model *m, const char *name)
{
	const struct schema_relation *r;

	r = schema_relation(m, name, strlen(name));
	ck_assert_msg(r != NULL, "relation %s.%s", m->name, name);
	return r;
}

/* Every construct of the language in one schema. */
static const char everything[] =
    "\xef\xbb\xbf// a comment\r\n"
    "generator client {\r\n"
    "  provider = \"prisma-client\"\n"
    "  previewFeatures = [\"views\", \"x\"]\n"
    "  n = 3\n"
    "}\n"
    "datasource src { provider = \"sqlserver\"\n"
    "  url = env(\"DATABASE_URL\") }\n"
    "/* of several\n lines */\n"
    "/// Nothing in particular.\n"
    "\n"
    "/// Who logs in.\n"
    "///   Twice documented.\n"
    "model User {\n"
    "  id    BigInt  @id(map: \"PK\", sort: Desc, clustered: false)"
    " @default(autoincrement()) @map(\"User_ID\")\n"
    "  /// in front\n"
    "  email String  @unique @src.VarChar(250) /// behind\n"
    "  name  String? @src.NVarChar(Max) @default(\"a\\\"\\u00e4\\n\", map: "
    "\"DF\")\n"
    "  money Decimal @src.Decimal(18, 4) @default(1.50)\n"
    "  flag  Boolean @default(false)\n"
    "  tags  String[] @default([\"a\", \"b\"])\n"
    "  role  Role    @default(USER)\n"
    "  at    DateTime @default(now()) @updatedAt\n"
    "  ratio Float\n"
    "  blob  Bytes?\n"
    "  data  Json\n"
    "  geo   Unsupported(\"geometry\")?\n"
    "  secret String @ignore\n"
    "  posts Post[] @relation(\"author\")\n"
    "  edits Post[] @relation(name: \"editor\")\n"
    "  boss  User?  @relation(\"chain\", fields: [bossId], references: [id],"
    " onDelete: NoAction, onUpdate: NoAction, map: \"FK\")\n"
    "  team  User[] @relation(\"chain\")\n"
    "  bossId BigInt?\n"
    "  card  Card?\n"
    "\n"
    "  @@index([name(sort: Desc), email(length: 10, ops: raw(\"x\"))],\n"
    "    type: Hash, map: \"IX\")\n"
    "  @@fulltext([name])\n"
    "  @@map(\"Users\")\n"
    "  @@schema(\"dbo\")\n"
    "}\n"
    "model Post {\n"
    "  a Int\n"
    "  b Int\n"
    "  authorId BigInt\n"
    "  editorId BigInt?\n"
    "  author User  @relation(\"author\", fields: [authorId], "
    "references: [id])\n"
    "  editor User? @relation(\n"
    "    \"editor\",\n"
    "    fields: [editorId],\n"
    "    references: [id]\n"
    "  )\n"
    "  parts Part[]\n"
    "  @@id([a, b], name: \"key\")\n"
    "}\n"
    "model Part {\n"
    "  id Int\n"
    "  x Int\n"
    "  y Int\n"
    "  post Post @relation(fields: [y, x], references: [b, a])\n"
    "  @@unique([id])\n"
    "}\n"
    "model Card {\n"
    "  userId BigInt @unique\n"
    "  user User @relation(fields: [userId], references: [id])\n"
    "}\n"
    "enum Role {\n"
    "  USER /// plain\n"
    "  ADMIN @map(\"adm\")\n"
    "  @@map(\"roles\")\n"
    "}\n"
    "view Summary {\n"
    "  n Int\n"
    "}\n"
    "model Hidden {\n"
    "  n Int\n"
    "  @@ignore\n"
    "}";

START_TEST(fields)
{
	struct schema *s = read_good(everything);
	const struct schema_model *m = model(s, "User");
	const struct schema_field *f;

	ck_assert_uint_eq(schema_nmodels(s), 6);
	ck_assert_str_eq(m->table, "Users");
	ck_assert_str_eq(m->db_schema, "dbo");
	ck_assert_str_eq(m->doc, "Who logs in.\nTwice documented.");
	ck_assert_uint_eq(m->line, 15);
	ck_assert_uint_eq(m->column_nr, 7);
	ck_assert_uint_eq(m->nfields, 14);

	f = field(m, "id");
	ck_assert_str_eq(f->column, "User_ID");
	ck_assert_int_eq(f->type, SCALAR_BIGINT);
	ck_assert(f->id && !f->optional && f->native == NULL);
	f = field(m, "email");
	ck_assert(f->unique && !f->id);
	ck_assert_str_eq(f->native, "VarChar");
	ck_assert_int_eq(f->native_args[0], 250);
	ck_assert_int_eq(f->native_args[1], -1);
	ck_assert_str_eq(f->doc, "in front\nbehind");
	f = field(m, "name");
	ck_assert(f->optional);
	ck_assert_str_eq(f->native, "NVarChar");
	ck_assert_int_eq(f->native_args[0], -1);
	f = field(m, "money");
	ck_assert_int_eq(f->native_args[0], 18);
	ck_assert_int_eq(f->native_args[1], 4);
	ck_assert(field(m, "tags")->list);
	ck_assert_int_eq(field(m, "geo")->type, SCALAR_UNSUPPORTED);
	schema_free(&s);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(enums)
{
	struct schema *s = read_good(everything);
	const struct schema_field *f = field(model(s, "User"), "role");

	ck_assert_int_eq(f->type, SCALAR_ENUM);
	ck_assert_str_eq(f->enumeration->name, "Role");
	ck_assert_uint_eq(f->enumeration->nvalues, 2);
	ck_assert_str_eq(f->enumeration->values[1], "ADMIN");
	ck_assert_str_eq(f->enumeration->columns[0], "USER");
	ck_assert_str_eq(f->enumeration->columns[1], "adm");
	schema_free(&s);
}
END_TEST

/* What clients cannot name is not found by name. */
START_TEST(ignored)
{
	struct schema *s = read_good(everything);
	const struct schema_model *m = model(s, "User");

	ck_assert_ptr_null(schema_model(s, "Hidden", 6));
	ck_assert_ptr_null(schema_field(m, "secret", 6));
	ck_assert_ptr_null(schema_model(s, "Role", 4));
	ck_assert_ptr_null(schema_model(s, "Use", 3));
	ck_assert_ptr_null(schema_model(s, "User\0x", 6));
	ck_assert_ptr_null(schema_field(m, "posts", 5));
	ck_assert_ptr_null(schema_relation(m, "email", 5));
	ck_assert_ptr_null(schema_model(s, "", 0));
	ck_assert(model(s, "Summary")->view);
	ck_assert_uint_eq(model(s, "Summary")->key.n, 0);
	schema_free(&s);
}
END_TEST

START_TEST(keys)
{
	struct schema *s = read_good(everything);
	const struct schema_model *m = model(s, "Post");

	ck_assert_uint_eq(m->key.n, 2);
	ck_assert_str_eq(m->key.fields[1]->name, "b");
	ck_assert(!m->key.fields[0]->id);
	ck_assert_uint_eq(m->nuniques, 1);
	m = model(s, "Part");
	ck_assert_uint_eq(m->key.n, 1);
	ck_assert_ptr_eq(m->key.fields[0], field(m, "id"));
	ck_assert(field(m, "id")->unique);
	m = model(s, "User");
	ck_assert_ptr_eq(m->key.fields[0], field(m, "id"));
	ck_assert_uint_eq(m->nuniques, 2);
	schema_free(&s);
}
END_TEST

static void
check_sides(const struct schema_relation *one,
    const struct schema_relation *other)
{
	size_t i;

	ck_assert_ptr_eq(one->opposite, other);
	ck_assert_ptr_eq(other->opposite, one);
	ck_assert_ptr_eq(one->target, other->model);
	ck_assert_ptr_eq(one->model, other->target);
	ck_assert_int_ne(one->holds_key, other->holds_key);
	ck_assert_uint_eq(one->from.n, other->to.n);
	ck_assert_uint_gt(one->from.n, 0);
	for (i = 0; i < one->from.n; i++) {
		ck_assert_ptr_eq(one->from.fields[i], other->to.fields[i]);
		ck_assert_ptr_eq(one->to.fields[i], other->from.fields[i]);
	}
}

START_TEST(relations)
{
	struct schema *s = read_good(everything);
	const struct schema_model *user = model(s, "User");
	const struct schema_model *post = model(s, "Post");
	const struct schema_model *part = model(s, "Part");
	const struct schema_relation *r;

	check_sides(relation(post, "author"), relation(user, "posts"));
	check_sides(relation(post, "editor"), relation(user, "edits"));
	check_sides(relation(user, "boss"), relation(user, "team"));
	check_sides(relation(model(s, "Card"), "user"),
	    relation(user, "card"));
	r = relation(part, "post");
	check_sides(r, relation(post, "parts"));
	ck_assert(r->holds_key && !r->list && !r->optional);
	ck_assert_str_eq(r->from.fields[0]->name, "y");
	ck_assert_str_eq(r->to.fields[0]->name, "b");
	ck_assert_str_eq(relation(user, "boss")->tag, "chain");
	ck_assert(relation(user, "team")->list);
	ck_assert(relation(user, "boss")->optional);
	schema_free(&s);
}
END_TEST

static void
count_fault(void *ctx, const char *line)
{
	(void)line;
	++*(size_t *)ctx;
}

/* A file that is cut off anywhere is read, or refused with a reason. */
START_TEST(prefixes)
{
	size_t len = sizeof(everything) - 1, i, faults;
	struct schema *s;
	char *copy;

	for (i = 0; i <= len; i++) {
		copy = malloc(i + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, everything, i);
		faults = 0;
		s = schema_read("t", copy, i, count_fault, &faults);
		ck_assert((s == NULL) == (faults > 0));
		schema_free(&s);
		free(copy);
	}
}
END_TEST

/*
 * The shipped schema
 */

static struct schema *
read_shipped(void)
{
	const char *dir = getenv("srcdir");
	static char text[1 << 17];
	char path[4096];
	struct schema *s;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/conf/schema.prisma",
	    dir != NULL ? dir : ".");
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	len = fread(text, 1, sizeof(text), f);
	ck_assert_uint_lt(len, sizeof(text));
	fclose(f);
	s = schema_read(path, text, len, print_fault, NULL);
	ck_assert_ptr_nonnull(s);
	return s;
}

/* "member>Target", with "[]" behind a list. */
static const struct {
	const char *model, *table, *key, *members;
} shipped[] = {
	{ "ProductCategory", "IV_Category", "ivCatRecId",
	    "subcategories>ProductSubcategory[]" },
	{ "ProductSubcategory", "IV_SubCategory", "ivSubcatRecId",
	    "category>ProductCategory products>ProductCatalog[]" },
	{ "ProductManufacturer", "Manufacturer", "manufacturerRecId",
	    "products>ProductCatalog[]" },
	{ "ProductCatalog", "IV_Item", "ivItemRecId",
	    "subcategory>ProductSubcategory manufacturer>ProductManufacturer "
	    "inventory>ProductInventory[] itemVendors>ItemVendor[]" },
	{ "ProductInventory", "Inventory_By_Warehouse",
	    "inventoryByWarehouseRecId", "productCatalog>ProductCatalog" },
	{ "ItemVendor", "iv_item_Vendor", "ivItemVendorId",
	    "product>ProductCatalog" },
	{ "Company", "Company", "companyRecId",
	    "timeZone>TimeZone companyStatus>CompanyStatus taxCode>TaxCode "
	    "currency>Currency ownerLevel>OwnerLevel market>Market "
	    "ownershipType>OwnershipType billingTerms>BillingTerms "
	    "billingDelivery>BillingDelivery srSignoff>SrSignoff "
	    "ivPriceHeader>IvPriceHeader officeCalendar>OfficeCalendar "
	    "customerUsageType>CustomerUsageType "
	    "blInvtemplateSetup>BlInvTemplateSetup "
	    "emailTemplate>EmailTemplate parentCompany>Company "
	    "childCompanies>Company[] opportunityCompanies>SoOpportunity[] "
	    "opportunityShipToCompanies>SoOpportunity[] "
	    "opportunityBillToCompanies>SoOpportunity[]" },
	{ "SoOpportunity", "SO_Opportunity", "opportunityRecId",
	    "company>Company contact>Contact soPipeline>SoPipeline "
	    "soInterest>SoInterest billingUnit>BillingUnit "
	    "contractType>ContractType companyAddress>CompanyAddress "
	    "soOppStatus>SoOppStatus pmProject>PmProject "
	    "ownerLevel>OwnerLevel soType>SoType "
	    "marketingCampaign>MarketingCampaign agrType>AgrType "
	    "srService>SrService soUrgency>SoUrgency "
	    "approvedByMember>Member rejectedByMember>Member "
	    "shipToCompany>Company shipToContact>Contact "
	    "shipToCompanyAddress>CompanyAddress billToCompany>Company "
	    "billToContact>Contact billToCompanyAddress>CompanyAddress "
	    "billingTerms>BillingTerms taxCode>TaxCode currency>Currency "
	    "techContact>Contact" },
	{ "Member", "Member", "memberRecId",
	    "ownerLevel>OwnerLevel billingUnit>BillingUnit "
	    "activityClass>ActivityClass memberType>MemberType "
	    "srOwnerLevel>OwnerLevel srBillingUnit>BillingUnit "
	    "schOwnerLevel>OwnerLevel schBillingUnit>BillingUnit "
	    "srBoard>SrBoard timeZone>TimeZone brHeader>BrHeader "
	    "activityType>ActivityType pmOwnerLevel>OwnerLevel "
	    "pmBillingUnit>BillingUnit warehouse>Warehouse "
	    "warehouseBin>WarehouseBin country>Country "
	    "directionalSync>DirectionalSync "
	    "approvedOpportunities>SoOpportunity[] "
	    "rejectedOpportunities>SoOpportunity[]" },
	{ "Contact", "Contact", "contactRecId",
	    "opportunityContacts>SoOpportunity[] "
	    "opportunityShipToContacts>SoOpportunity[] "
	    "opportunityBillToContacts>SoOpportunity[] "
	    "opportunityTechContacts>SoOpportunity[]" },
};
#define NSHIPPED (sizeof(shipped) / sizeof(shipped[0]))

static size_t
check_members(const struct schema_model *m, const char *members)
{
	const struct schema_relation *r;
	char name[64], target[64], want[64];
	size_t n = 0;
	int used;

	while (sscanf(members, " %63[^>]>%63s%n", name, want, &used) == 2) {
		r = relation(m, name);
		snprintf(target, sizeof(target), "%s%s", r->target->name,
		    r->list ? "[]" : "");
		ck_assert_str_eq(target, want);
		check_sides(r, r->opposite);
		members += used;
		n++;
	}
	return n;
}

START_TEST(shipped_relations)
{
	struct schema *s = read_shipped();
	const struct schema_model *m;
	size_t n = 0, i;

	for (i = 0; i < NSHIPPED; i++) {
		m = model(s, shipped[i].model);
		ck_assert_str_eq(m->table, shipped[i].table);
		ck_assert_uint_eq(m->key.n, 1);
		ck_assert_str_eq(m->key.fields[0]->name, shipped[i].key);
		n += check_members(m, shipped[i].members);
	}
	ck_assert_uint_eq(n, 81);
	schema_free(&s);
}
END_TEST

/* Fields that clients of today name. */
START_TEST(shipped_fields)
{
	static const char *const names[] = {
		"Company.companyRecId", "Company.companyId",
		"Company.companyName", "Company.phoneNbr",
		"Company.websiteUrl", "Company.accountNbr",
		"Member.memberRecId", "Member.memberId", "Member.firstName",
		"Member.lastName", "Member.emailAddress",
		"Member.inactiveFlag", "Member.title",
		"ProductCatalog.ivItemRecId", "ProductCatalog.itemId",
		"ProductCatalog.description",
		"ProductCatalog.longDescription",
		"ProductCatalog.ivSubcatRecId",
		"ProductCatalog.manufacturerRecId",
		"ProductCatalog.listPrice", "ProductCatalog.currentCost",
		"ProductCatalog.taxableFlag", "ProductCatalog.inactiveFlag",
		"ProductCatalog.mfgItemId", "ProductCatalog.vendorSku",
		"ProductCatalog.minimumStock",
		"ProductCatalog.recurringFlag", "ProductCatalog.lastUpdate",
		"ProductCatalog.lastUpdateUtc"
	};
	struct schema *s = read_shipped();
	const char *dot;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		dot = strchr(names[i], '.');
		field(schema_model(s, names[i], (size_t)(dot - names[i])),
		    dot + 1);
	}
	for (i = 0; i < schema_nmodels(s); i++)
		ck_assert_ptr_nonnull(schema_model_at(s, i)->doc);
	schema_free(&s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("good");

	tcase_add_test(tc, fields);
	tcase_add_test(tc, enums);
	tcase_add_test(tc, ignored);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, relations);
	tcase_add_test(tc, prefixes);
	tcase_add_test(tc, shipped_relations);
	tcase_add_test(tc, shipped_fields);
	return unit_run("schema", tc);
}
