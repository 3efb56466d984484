using System;
using System.Collections.Generic;
using System.Globalization;

namespace ShardSql.Data.Options;

/// <summary>Where one gateway listens: a TCP port, a Unix socket or a cluster inside this process.</summary>
internal sealed record HostAddress(HostKind Kind, string Name, int Port)
{
    /// <summary>The port when neither Server nor Port names one.</summary>
    public const int DefaultPort = 7400;

    private const string UnixPrefix = "unix:";
    private const string InProcessPrefix = "inproc:";
    private const int PortMax = 65535;

    /// <summary>
    /// The addresses of a Server value; a port in the list goes before <paramref name="defaultPort"/>.
    /// </summary>
    public static IReadOnlyList<HostAddress> ParseList(string servers, int defaultPort)
    {
        var list = new List<HostAddress>();
        foreach (string part in servers.Split(','))
        {
            string text = part.Trim();
            if (text.Length == 0)
            {
                throw new ArgumentException("Server has an empty address in its list");
            }

            list.Add(Parse(text, defaultPort));
        }

        return list;
    }

    /// <inheritdoc />
    public override string ToString() => Kind switch
    {
        HostKind.Unix => UnixPrefix + Name,
        HostKind.InProcess => InProcessPrefix + Name,
        _ when Name.Contains(':', StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"[{Name}]:{Port}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Port}"),
    };

    private static HostAddress Parse(string text, int defaultPort)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return new HostAddress(HostKind.Unix, Required(text[UnixPrefix.Length..], text), 0);
        }

        if (text.StartsWith(InProcessPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return new HostAddress(HostKind.InProcess, Required(text[InProcessPrefix.Length..], text), 0);
        }

        if (text[0] == '[')
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < text.Length && text[close + 1] != ':'))
            {
                throw new ArgumentException($"Server has a malformed IPv6 address: {text}");
            }

            string address = Required(text[1..close], text);
            return new HostAddress(
                HostKind.Tcp, address, close + 1 < text.Length ? ParsePort(text[(close + 2)..]) : defaultPort);
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon != text.LastIndexOf(':'))
        {
            // No colon: a name. Several: an IPv6 address without brackets, which cannot carry a port.
            return new HostAddress(HostKind.Tcp, text, defaultPort);
        }

        return new HostAddress(HostKind.Tcp, Required(text[..colon], text), ParsePort(text[(colon + 1)..]));
    }

    private static string Required(string name, string whole) => name.Length > 0
        ? name
        : throw new ArgumentException($"Server has an address without a name: {whole}");

    private static int ParsePort(string text) =>
        int.Parse(OptionValues.Number("Port", 1, PortMax)(text), CultureInfo.InvariantCulture);
}
