using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Automatic;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>Rows of <c>shard.settings</c>.</summary>
internal static class SettingRows
{
    /// <summary>The settings of the cluster, what a gateway was told, and the limits that a client may meet.</summary>
    public static async Task<IReadOnlyList<SqlValue[]>> OfAsync(
        GatewayOptions options, SettingStore settings, CancellationToken cancellationToken) =>
    [
        .. (await settings.ReadAsync(cancellationToken)).ToList().Select(
            static setting => Row(setting.Name, setting.Value, setting.Description)),
        Row("database", options.Database, "the cluster's one database"),
        Row("graph_sample_every", options.Graph?.SampleEvery ?? 0, "one of so many transactions is looked at for SHOW GRAPH"),
        Row("max_held_row_bytes", GatewayLimits.MaxHeldRowBytes, "rows of RETURNING kept until the commit is known"),
        Row("max_memory_bytes", options.MaxMemoryBytes, "what all sessions may buffer together"),
        Row("max_read_set", GatewayLimits.MaxReadSet, "keys and ranges that an open transaction may have read"),
        Row("max_session_memory_bytes", options.MaxSessionMemoryBytes, "what one session may buffer"),
        Row("max_sessions", options.MaxSessions, "sessions at once"),
        Row("max_statement_time", GatewayLimits.MaxStatementTime, "the longest that a statement may run"),
        Row("max_statements", GatewayLimits.MaxStatements, "statements of one request"),
        Row("max_text_bytes", GatewayLimits.MaxTextBytes, "bytes of one statement text"),
        Row("server_version", GatewayServices.ServerVersion, "what the gateway says that it is"),
    ];

    private static SqlValue[] Row(string name, IFormattable value, string description) =>
        Row(name, value.ToString(null, CultureInfo.InvariantCulture), description);

    private static SqlValue[] Row(string name, string value, string description) =>
        [SqlValue.FromText(name), SqlValue.FromText(value), SqlValue.FromText(description)];
}
