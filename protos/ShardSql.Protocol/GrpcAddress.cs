using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol;

/// <summary>
/// Where a server is: <c>HOST:PORT</c>, <c>http://HOST:PORT</c>, <c>unix:/PATH</c> or <c>inproc:NAME</c>.
/// </summary>
public sealed record GrpcAddress
{
    /// <summary>Begins the address of a unix socket.</summary>
    public const string UnixPrefix = "unix:";

    /// <summary>Begins the address of a server in this process.</summary>
    public const string InProcessPrefix = "inproc:";

    private const string HttpPrefix = "http://";

    private GrpcAddress()
    {
    }

    /// <summary>Name of a server in this process, else null.</summary>
    public string? InProcessName { get; private init; }

    /// <summary>Path of a unix socket, else null.</summary>
    public string? UnixPath { get; private init; }

    /// <summary>Host name or IP literal (an IPv6 one without brackets); empty for the other kinds.</summary>
    public string Host { get; private init; } = "";

    /// <summary>Port; 0 asks a server for a free one.</summary>
    public int Port { get; private init; }

    /// <summary>Reads an address; <see cref="FormatException"/> says what is wrong with it.</summary>
    public static GrpcAddress Parse(string address)
    {
        if (address.StartsWith(InProcessPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return new GrpcAddress { InProcessName = Rest(address, InProcessPrefix, "name") };
        }

        if (address.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return new GrpcAddress { UnixPath = Rest(address, UnixPrefix, "path") };
        }

        var text = address.StartsWith(HttpPrefix, StringComparison.OrdinalIgnoreCase)
            ? address[HttpPrefix.Length..].TrimEnd('/')
            : address;
        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new FormatException($"'{address}' is not HOST:PORT, unix:/PATH or inproc:NAME.");
        }

        var host = text[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (Uri.CheckHostName(bracketed ? host[1..^1] : host) == UriHostNameType.Unknown
            || (!bracketed && host.Contains(':', StringComparison.Ordinal)))
        {
            throw new FormatException($"'{address}' has no valid host; an IPv6 address is written [::1]:7400.");
        }

        return new GrpcAddress { Host = bracketed ? host[1..^1] : host, Port = port };
    }

    /// <summary>A socket connected to the server.</summary>
    internal async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = UnixPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            EndPoint server = UnixPath is { } path ? new UnixDomainSocketEndPoint(path) : new DnsEndPoint(Host, Port);
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (InProcessName is not null)
        {
            return InProcessPrefix + InProcessName;
        }

        if (UnixPath is not null)
        {
            return UnixPrefix + UnixPath;
        }

        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    private static string Rest(string address, string prefix, string what) => address.Length > prefix.Length
        ? address[prefix.Length..]
        : throw new FormatException($"'{address}' lacks its {what}.");
}
