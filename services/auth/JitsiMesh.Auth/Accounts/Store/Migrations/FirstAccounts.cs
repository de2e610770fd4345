using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace JitsiMesh.Auth.Accounts.Store.Migrations;

[DbContext(typeof(AccountsContext))]
[Migration("20260801000000_FirstAccounts")]
internal sealed class FirstAccounts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "accounts",
            table => new
            {
                Name = table.Column<string>(maxLength: 128, nullable: false),
                DisplayName = table.Column<string>(maxLength: 256, nullable: true),
                Sha1Salt = table.Column<byte[]>(nullable: true),
                Sha1Iterations = table.Column<int>(nullable: false),
                Sha1StoredKey = table.Column<byte[]>(nullable: true),
                Sha1ServerKey = table.Column<byte[]>(nullable: true),
                Sha256Salt = table.Column<byte[]>(nullable: true),
                Sha256Iterations = table.Column<int>(nullable: false),
                Sha256StoredKey = table.Column<byte[]>(nullable: true),
                Sha256ServerKey = table.Column<byte[]>(nullable: true),
                CreatedAt = table.Column<DateTime>(nullable: false),
                ChangedAt = table.Column<DateTime>(nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_accounts", a => a.Name));
        migrationBuilder.CreateTable(
            "account_changes",
            table => new
            {
                Id = table.Column<string>(maxLength: 36, nullable: false),
                Name = table.Column<string>(maxLength: 128, nullable: false),
                Kind = table.Column<string>(maxLength: 32, nullable: false),
                At = table.Column<DateTime>(nullable: false),
                IsTold = table.Column<bool>(nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_account_changes", c => c.Id));
        migrationBuilder.CreateIndex("IX_account_changes_IsTold", "account_changes", "IsTold");
        migrationBuilder.CreateTable(
            "account_secrets",
            table => new
            {
                Name = table.Column<string>(maxLength: 32, nullable: false),
                Value = table.Column<byte[]>(nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_account_secrets", s => s.Name));
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("account_secrets");
        migrationBuilder.DropTable("account_changes");
        migrationBuilder.DropTable("accounts");
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => AccountsContextSnapshot.Describe(modelBuilder);
}
