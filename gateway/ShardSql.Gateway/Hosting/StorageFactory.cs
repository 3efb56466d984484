using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Files;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>Real nodes, for each way to run.</summary>
/// <param name="loggers">Where logs go; null: nowhere.</param>
public sealed class StorageFactory(ILoggerFactory? loggers = null) : IStorageFactory
{
    private readonly ILogger _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("ShardSql.Gateway");

    private static readonly TimeSpan s_describeTimeout = TimeSpan.FromSeconds(2);

    // A process that is up but busy must not be taken for one that is down: its cluster would go unchecked.
    private static readonly TimeSpan s_checkTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_joinPause = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc />
    public async Task<IStorageCluster> StartEmbeddedAsync(
        EmbeddedClusterOptions options, CancellationToken cancellationToken) =>
        await StorageCluster.StartEmbeddedAsync(options, _logger, cancellationToken);

    /// <inheritdoc />
    public Task InitializeAsync(InitOptions options, CancellationToken cancellationToken)
    {
        var nodes = new List<NodeAddress>();
        foreach (string address in options.Nodes)
        {
            nodes.Add(new NodeAddress(new NodeId((uint)nodes.Count + 1), GrpcAddress.Parse(address).ToString()));
        }

        if (options.Replicas < 1 || options.Replicas > nodes.Count)
        {
            throw new ArgumentException(
                $"--replicas must be from 1 to the number of nodes, {nodes.Count}; it was {options.Replicas}");
        }

        if (options.Shards < 1)
        {
            throw new ArgumentException($"--shards must be at least 1; it was {options.Shards}");
        }

        ClusterFile.Create(
            options.Data, ClusterLayout.Create(Guid.NewGuid(), nodes, options.Shards, options.Replicas));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<IStorageCluster> StartServedAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        if (options.Role == ServerRole.Gateway)
        {
            return StorageCluster.Connect(
                await KnownAsync(options, cancellationToken) ?? await AskAsync(options.Join, cancellationToken), _logger);
        }

        ClusterLayout? layout = await KnownAsync(options, cancellationToken);
        if (layout is null)
        {
            layout = await AskAsync(options.Join, cancellationToken);
            ClusterFile.Create(options.Data, layout);
        }

        return await StorageCluster.StartNodeAsync(
            layout, NodeOf(options, layout), options, _logger, cancellationToken);
    }

    private static NodeId NodeOf(ServeOptions options, ClusterLayout layout)
    {
        if (options.NodeId != 0)
        {
            return new NodeId(options.NodeId);
        }

        // Without a number it is the node whose address this process listens on.
        string listen = GrpcAddress.Parse(options.Listen).ToString();
        foreach (NodeAddress node in layout.Nodes)
        {
            if (node.Address == listen)
            {
                return node.Id;
            }
        }

        throw new ArgumentException(
            $"no node of the cluster has the address {listen}: ADD NODE it first, or say which one this is with --node-id");
    }

    /// <summary>The layout in the folder. Of the processes that are named, the first that answers must be of the
    /// same cluster; others that are not will refuse each other later.</summary>
    private static async Task<ClusterLayout?> KnownAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        if (ClusterFile.Read(options.Data) is not { } known)
        {
            return null;
        }

        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<(string Address, ClusterLayout? Layout)>[] asked =
            [.. options.Join.Select(async address => (address, await TryAskAsync(address, s_checkTimeout, answered.Token)))];
        await foreach (Task<(string Address, ClusterLayout? Layout)> answer in Task.WhenEach(asked))
        {
            (string address, ClusterLayout? theirs) = await answer;
            if (theirs is null)
            {
                continue;
            }

            await answered.CancelAsync();
            if (theirs.ClusterId != known.ClusterId)
            {
                throw new DataRefusedException(
                    $"{options.Data} has data of cluster {known.ClusterId}, expected {theirs.ClusterId}, which {address} "
                    + "belongs to: join with an empty folder, or name processes of the folder's own cluster");
            }

            // What changed while this process was away.
            if (theirs.Version > known.Version)
            {
                known = theirs;
                ClusterFile.Replace(options.Data, known);
            }

            break;
        }

        return known;
    }

    // The others may not be up yet: each is asked in turn until one answers or the start is given up.
    private static async Task<ClusterLayout> AskAsync(IReadOnlyList<string> join, CancellationToken cancellationToken)
    {
        if (join.Count == 0)
        {
            throw new IOException("there is no cluster in the data folder: make one with `init`, or name a node with --join");
        }

        while (true)
        {
            foreach (string address in join)
            {
                if (await TryAskAsync(address, s_describeTimeout, cancellationToken) is { } layout)
                {
                    return layout;
                }

                await Task.Delay(s_joinPause, cancellationToken);
            }
        }
    }

    private static async Task<ClusterLayout?> TryAskAsync(
        string address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await using var client = new NodeClient(address);
            return ClusterLayout.FromDescription(await client.DescribeAsync(timeout, cancellationToken));
        }
        catch (GrpcException exception) when (exception.StatusCode
            is GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Unimplemented)
        {
            return null;
        }
    }
}
