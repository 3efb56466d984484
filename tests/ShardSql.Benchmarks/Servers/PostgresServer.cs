using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Npgsql;

namespace ShardSql.Benchmarks.Servers;

/// <summary>One PostgreSQL on a unix socket, with a data folder of its own and fsync on.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string BinFolder = "/usr/lib/postgresql/15/bin";
    private const string Superuser = "postgres";

    // Only names the socket's file: nothing listens on TCP.
    private const int Port = 5432;

    // Where all clients write the same rows some wait long: that is to be measured, no error.
    private const int LockWaitMaxSeconds = 300;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    /// <summary>What a server of this size would be given; durability stays at PostgreSQL's defaults.</summary>
    private static readonly string[] s_settings =
    [
        "listen_addresses=", "max_connections=200", "shared_buffers=256MB", "max_wal_size=4GB", "fsync=on",
        "synchronous_commit=on", "full_page_writes=on", "wal_level=replica", "max_wal_senders=8",
        "max_prepared_transactions=200", "hot_standby=on", "logging_collector=off",
    ];

    private readonly ServerProcess _process;

    private PostgresServer(ServerProcess process, string folder)
    {
        _process = process;
        Folder = folder;
        DataSource = NpgsqlDataSource.Create(ConnectionStringOf(folder));
    }

    /// <summary>Whether the programs are here.</summary>
    public static bool IsInstalled => File.Exists(Path.Combine(BinFolder, "postgres"));

    /// <summary>Connections to it.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>The postmaster's process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Folder of data and socket.</summary>
    public string Folder { get; }

    /// <summary>Makes an empty database cluster and starts it.</summary>
    public static async Task<PostgresServer> CreateAsync(string folder)
    {
        await PrepareFolderAsync(folder);
        await RunAsPostgresAsync(
            "initdb", "-D", DataOf(folder), "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "-N");
        return await StartAsync(folder, []);
    }

    /// <summary>Copies this server and starts the copy as its standby of the given name.</summary>
    public async Task<PostgresServer> CreateStandbyAsync(string folder, string name)
    {
        await PrepareFolderAsync(folder);
        await RunAsPostgresAsync(
            "pg_basebackup", "-D", DataOf(folder), "-h", Folder, "-p", PortText, "-U", Superuser, "-c", "fast", "-R");
        string primary = $"host={Folder} port={PortText} user={Superuser} application_name={name}";
        return await StartAsync(folder, ["primary_conninfo=" + primary]);
    }

    /// <summary>Runs one statement as superuser.</summary>
    public async Task ExecuteAsync(string text)
    {
        await using NpgsqlCommand command = DataSource.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await _process.DisposeAsync();
    }

    private static string PortText => Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string DataOf(string folder) => Path.Combine(folder, "data");

    private static string ConnectionStringOf(string folder) => new NpgsqlConnectionStringBuilder
    {
        Host = folder,
        Port = Port,
        Username = Superuser,
        Database = Superuser,
        MaxPoolSize = 150,
        CommandTimeout = LockWaitMaxSeconds,
        IncludeErrorDetail = true,
    }.ConnectionString;

    private static async Task PrepareFolderAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await Shell.GiveToPostgresAsync(folder);
    }

    private static async Task RunAsPostgresAsync(string program, params IReadOnlyList<string> arguments)
    {
        (string file, IReadOnlyList<string> all) = Shell.AsPostgres(Path.Combine(BinFolder, program), arguments);
        await Shell.RunAsync(file, all);
    }

    private static async Task<PostgresServer> StartAsync(string folder, IReadOnlyList<string> settings)
    {
        IEnumerable<string> arguments = s_settings
            .Concat(settings)
            .Append("unix_socket_directories=" + folder)
            .SelectMany(setting => new[] { "-c", setting });
        (string file, IReadOnlyList<string> all) = Shell.AsPostgres(
            Path.Combine(BinFolder, "postgres"), ["-D", DataOf(folder), "-p", PortText, .. arguments]);
        // A standby says that it accepts read-only connections, a primary that it accepts connections.
        ServerProcess process = ServerProcess.Start(file, all, folder + ".log", "ready to accept");
        try
        {
            await process.ReadyAsync(s_startLimit);
            return new PostgresServer(process, folder);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }
}
