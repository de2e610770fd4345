using Npgsql;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>Parses MESH_ACCOUNTS_DATABASE: postgres://user:password@host:port/database?sslmode=require, in the syntax of PostgreSQL's own programs.</summary>
internal static class PostgresUrl
{
    private const int DefaultPort = 5432;

    public static bool TryRead(string text, out NpgsqlConnectionStringBuilder connection)
    {
        connection = new NpgsqlConnectionStringBuilder();
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql") || url.Host.Length == 0) return false;
        var database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        if (database.Length == 0) return false;
        connection.Host = url.IdnHost.Trim('[', ']');
        connection.Port = url.Port > 0 ? url.Port : DefaultPort;
        connection.Database = database;
        var user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0) connection.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) connection.Password = Uri.UnescapeDataString(user[1]);
        foreach (var option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = option.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (option, "");
            switch (name)
            {
                case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                    connection.SslMode = mode;
                    break;
                case "sslrootcert" when value.Length > 0:
                    connection.RootCertificate = value;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
