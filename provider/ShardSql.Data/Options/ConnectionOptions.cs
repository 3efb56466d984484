using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ShardSql.Data.Options;

/// <summary>The list of all connection string keywords.</summary>
internal static class ConnectionOptions
{
    public static readonly ConnectionOption Server = new(
        "Server", "", "Gateways: host:port,… · unix:/path · inproc:NAME.", OptionValues.Servers,
        "Host", "Data Source", "Address", "Endpoints");

    public static readonly ConnectionOption Port = new(
        "Port", Text(HostAddress.DefaultPort), "Port of the servers that name none.",
        OptionValues.Number("Port", 1, 65535));

    public static readonly ConnectionOption Database = new(
        "Database", "", "The cluster's database; empty takes whichever there is.", OptionValues.Text,
        "Initial Catalog");

    public static readonly ConnectionOption User = new(
        "User", "", "Name to authenticate as.", OptionValues.Text, "User Id", "User Name", "Uid");

    public static readonly ConnectionOption Password = new(
        "Password", "", "Leaves ConnectionString after Open, unless Persist Security Info.", OptionValues.Text, "Pwd");

    public static readonly ConnectionOption PersistSecurityInfo = new(
        "Persist Security Info", "False", "Whether ConnectionString keeps the password after Open.",
        OptionValues.Switch("Persist Security Info"));

    public static readonly ConnectionOption SslMode = new(
        "Ssl Mode", "Disable", "Encryption; only Disable works now, others are refused at Open (08001).",
        OptionValues.OneOf<ShardSqlSslMode>("Ssl Mode"));

    public static readonly ConnectionOption Isolation = new(
        "Isolation", "Serializable", "Serializable or StrictSerializable.",
        OptionValues.OneOf<ShardSqlIsolation>("Isolation"), "Isolation Level");

    public static readonly ConnectionOption Retry = new(
        "Retry", "Statements",
        "None, or Statements: a command outside a transaction is run again when it surely did nothing.",
        OptionValues.OneOf<ShardSqlRetry>("Retry"));

    public static readonly ConnectionOption MaxRetries = new(
        "Max Retries", "8", "Bound of every retry.", OptionValues.Number("Max Retries", 0, 1000));

    public static readonly ConnectionOption ConflictStrategy = new(
        "Conflict Strategy", "Retry", "Retry, Abort or Handler: what ExecuteInTransactionAsync does on a conflict.",
        OptionValues.OneOf<ShardSqlConflictStrategy>("Conflict Strategy"), "Conflict");

    public static readonly ConnectionOption Timeout = new(
        "Timeout", "15", "Seconds for Open: waiting for the pool, all hosts, the greeting. 0: no limit.",
        OptionValues.Number("Timeout", 0, int.MaxValue / 1000), "Connect Timeout", "Connection Timeout");

    public static readonly ConnectionOption CommandTimeout = new(
        "Command Timeout", "30", "Seconds for a command, then 57014. 0: the server's limit.",
        OptionValues.Number("Command Timeout", 0, int.MaxValue / 1000), "Default Command Timeout");

    public static readonly ConnectionOption CancellationTimeout = new(
        "Cancellation Timeout", "2000",
        "Milliseconds a cancelled or timed-out command may take to end, then its session is dropped.",
        OptionValues.Number("Cancellation Timeout", 1, int.MaxValue / 1000));

    public static readonly ConnectionOption Pooling = new(
        "Pooling", "True", "Whether Close keeps the session for the next Open.", OptionValues.Switch("Pooling"));

    public static readonly ConnectionOption MinPoolSize = new(
        "Min Pool Size", "0", "Sessions that are kept however long they are idle.",
        OptionValues.Number("Min Pool Size", 0, 10_000), "Minimum Pool Size");

    public static readonly ConnectionOption MaxPoolSize = new(
        "Max Pool Size", "100", "Most sessions at once; then Open waits, at most Timeout (53300).",
        OptionValues.Number("Max Pool Size", 1, 10_000), "Maximum Pool Size");

    public static readonly ConnectionOption IdleLifetime = new(
        "Connection Idle Lifetime", "300", "Seconds after which an idle session is closed.",
        OptionValues.Number("Connection Idle Lifetime", 1, int.MaxValue / 1000), "Idle Lifetime");

    public static readonly ConnectionOption Lifetime = new(
        "Connection Lifetime", "3600",
        "Seconds after which a session is not used again, so that load moves to new gateways. 0: no limit.",
        OptionValues.Number("Connection Lifetime", 0, int.MaxValue / 1000), "Load Balance Timeout");

    public static readonly ConnectionOption ApplicationName = new(
        "Application Name", "", "Shown in SHOW SESSIONS.", OptionValues.Text);

    public static readonly ConnectionOption LoadBalanceHosts = new(
        "Load Balance Hosts", "True", "Whether sessions spread over the servers; else the first that answers.",
        OptionValues.Switch("Load Balance Hosts"));

    public static readonly ConnectionOption HostRecheckSeconds = new(
        "Host Recheck Seconds", "10", "How long a server that failed is tried last.",
        OptionValues.Number("Host Recheck Seconds", 0, int.MaxValue / 1000));

    public static readonly ConnectionOption ReceiveWindow = new(
        "Receive Window", "1048576", "Bytes of rows that may be on the way before the reader takes them.",
        OptionValues.Number("Receive Window", 4096, 64 * 1024 * 1024));

    public static readonly ConnectionOption Enlist = new(
        "Enlist", "True",
        "Whether a connection opened inside a TransactionScope takes part in it; False runs outside of it.",
        OptionValues.Switch("Enlist"));

    public static readonly ConnectionOption IgnoreCommandTransaction = new(
        "Ignore Command Transaction", "False", "Whether DbCommand.Transaction may be left out inside a transaction.",
        OptionValues.Switch("Ignore Command Transaction"));

    /// <summary>All of them, in the order of the README.</summary>
    public static readonly IReadOnlyList<ConnectionOption> All =
    [
        Server, Port, Database, User, Password, PersistSecurityInfo, SslMode, Isolation, Retry, MaxRetries,
        ConflictStrategy, Timeout, CommandTimeout, CancellationTimeout, Pooling, MinPoolSize, MaxPoolSize,
        IdleLifetime, Lifetime, ApplicationName, LoadBalanceHosts, HostRecheckSeconds, ReceiveWindow, Enlist,
        IgnoreCommandTransaction,
    ];

    private static readonly FrozenDictionary<string, ConnectionOption> s_byKeyword = All
        .SelectMany(option => option.Aliases.Append(option.Name).Select(keyword => (Fold(keyword), option)))
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.option, StringComparer.Ordinal);

    /// <summary>The option of a keyword, in any case and with or without blanks; null when there is none.</summary>
    public static ConnectionOption? Find(string keyword) => s_byKeyword.GetValueOrDefault(Fold(keyword));

    /// <summary>The error for an unknown keyword, with the nearest known one.</summary>
    public static ArgumentException Unknown(string keyword)
    {
        string folded = Fold(keyword);
        string nearest = All
            .SelectMany(option => option.Aliases.Prepend(option.Name))
            .MinBy(known => EditDistance(folded, Fold(known)))!;
        string hint = EditDistance(folded, Fold(nearest)) <= Math.Max(1, folded.Length / 3)
            ? $" Did you mean '{nearest}'?"
            : "";
        return new ArgumentException($"Keyword not supported: '{keyword}'.{hint}");
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Fold(string keyword) =>
        keyword.Replace(" ", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal)
            .ToUpperInvariant();

    /// <summary>Levenshtein's distance, one row of the table at a time.</summary>
    private static int EditDistance(string left, string right)
    {
        int[] row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                int replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
