using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Benchmarks.Servers.Etcd;
using ShardSql.Protocol;

namespace ShardSql.Benchmarks.Servers;

/// <summary>
/// Three etcd members on unix sockets; clients call its Put over gRPC with the same client code that our own provider
/// uses.
/// </summary>
internal sealed class EtcdCluster : IAsyncDisposable
{
    private const string Program = "/usr/bin/etcd";
    private const int Members = 3;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_startPoll = TimeSpan.FromMilliseconds(200);

    private static readonly GrpcMethod<PutRequest, PutResponse> s_put =
        new("etcdserverpb.KV", "Put", PutRequest.Parser, PutResponse.Parser);

    private readonly List<ServerProcess> _processes = [];
    private readonly List<GrpcClient> _clients = [];

    private EtcdCluster()
    {
    }

    /// <summary>Whether the program is here.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>The members' processes.</summary>
    public IReadOnlyList<int> ProcessIds => _processes.ConvertAll(process => process.Id);

    /// <summary>Starts the members and waits until a put is acknowledged.</summary>
    public static async Task<EtcdCluster> StartAsync(string folder)
    {
        var cluster = new EtcdCluster();
        try
        {
            string peers = string.Join(
                ',', Enumerable.Range(1, Members).Select(member => $"m{member}={PeerUrl(member)}"));
            for (int i = 1; i <= Members; i++)
            {
                string client = SocketUrl("client", i);
                cluster._processes.Add(ServerProcess.Start(
                    Program,
                    [
                        "--name", $"m{i}", "--data-dir", Path.Combine(folder, $"etcd{i}"),
                        "--listen-client-urls", client, "--advertise-client-urls", client,
                        "--listen-peer-urls", PeerUrl(i), "--initial-advertise-peer-urls", PeerUrl(i),
                        "--initial-cluster", peers, "--log-level", "error", "--logger", "zap",
                    ],
                    Path.Combine(folder, $"etcd{i}.log"),
                    workingFolder: folder));
                cluster._clients.Add(new GrpcClient($"unix:{Path.Combine(folder, SocketName("client", i))}"));
            }

            await cluster.WaitAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes one key and gives the revision that it made. Clients spread over the members.</summary>
    public async Task<long> PutAsync(int client, ByteString key, ByteString value)
    {
        PutResponse response = await _clients[client % Members].UnaryAsync(
            s_put, new PutRequest { Key = key, Value = value }, new GrpcCallOptions(), CancellationToken.None);
        return response.Header.Revision;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (GrpcClient client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (ServerProcess process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private static string PeerUrl(int member) => SocketUrl("peer", member);

    private static string SocketUrl(string kind, int member) => "unix://" + SocketName(kind, member);

    /// <summary>etcd takes no path: the socket is a file of the working folder, named like host and port.</summary>
    private static string SocketName(string kind, int member) => $"{kind}{member}:1";

    private async Task WaitAsync()
    {
        long start = Stopwatch.GetTimestamp();
        var key = ByteString.CopyFromUtf8("ready");
        for (int member = 0; member < Members;)
        {
            try
            {
                await PutAsync(member, key, key);
                member++;
            }
            catch (GrpcException) when (Stopwatch.GetElapsedTime(start) < s_startLimit)
            {
                // Its socket is not there yet, or the members have not elected a leader.
                _processes[member].RequireRunning();
                await Task.Delay(s_startPoll);
            }
        }
    }
}
