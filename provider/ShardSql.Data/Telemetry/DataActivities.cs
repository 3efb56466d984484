using System.Diagnostics;
using System.Globalization;
using ShardSql.Data.Options;

namespace ShardSql.Data.Telemetry;

/// <summary>
/// The spans of the provider, by OpenTelemetry's conventions:
/// https://opentelemetry.io/docs/specs/semconv/database/database-spans/. Texts carry parameters by name only, so no
/// value ever gets into a span unless the application wrote it into its text as a literal.
/// </summary>
internal static class DataActivities
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "ShardSql.Data";

    private static readonly ActivitySource s_source = new(SourceName, "1.0.0");

    /// <summary>A span for one command; null when nobody listens.</summary>
    public static Activity? Start(string operation, string text, int statements, ConnectionSettings settings)
    {
        if (!s_source.HasListeners()
            || s_source.StartActivity(operation, ActivityKind.Client) is not { } activity)
        {
            return null;
        }

        activity.SetTag("db.system.name", DataMetrics.SystemName);
        activity.SetTag("db.namespace", settings.Database);
        activity.SetTag("db.operation.name", operation);
        activity.SetTag("db.query.text", text);
        if (statements > 1)
        {
            activity.SetTag("db.operation.batch.size", statements);
        }

        return activity;
    }

    /// <summary>Which gateway serves it.</summary>
    public static void SetServer(Activity? activity, HostAddress host)
    {
        if (activity is not null)
        {
            activity.SetTag("server.address", host.Name);
            if (host.Kind == HostKind.Tcp)
            {
                activity.SetTag("server.port", host.Port.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Ends a span.</summary>
    public static void Stop(Activity? activity, string? sqlState)
    {
        if (activity is null)
        {
            return;
        }

        if (sqlState is not null)
        {
            activity.SetTag("db.response.status_code", sqlState);
            activity.SetTag("error.type", sqlState);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Dispose();
    }
}
