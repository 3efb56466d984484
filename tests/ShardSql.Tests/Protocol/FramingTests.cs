using System;
using System.Buffers;
using System.Linq;
using ShardSql.Protocol;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Health;
using ShardSql.Protocol.Messages;
using Xunit;

namespace ShardSql.Tests.Protocol;

public sealed class FramingTests
{
    [Theory]
    [InlineData(0, "1u")]
    [InlineData(1, "1u")]
    [InlineData(TimeSpan.TicksPerMillisecond, "1000u")]
    [InlineData(TimeSpan.TicksPerSecond * 99, "99000000u")]
    [InlineData(TimeSpan.TicksPerSecond * 100, "100000m")]
    [InlineData(TimeSpan.TicksPerDay * 2, "172800S")]
    [InlineData(TimeSpan.TicksPerDay * 4000, "31536000S")]
    public void GrpcTimeout_Encode_gives_the_finest_unit_that_fits(long ticks, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Encode(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("1n", 1)]
    [InlineData("250n", 3)]
    [InlineData("5u", 5 * TimeSpan.TicksPerMicrosecond)]
    [InlineData("100m", 100 * TimeSpan.TicksPerMillisecond)]
    [InlineData("2S", 2 * TimeSpan.TicksPerSecond)]
    [InlineData("3M", 3 * TimeSpan.TicksPerMinute)]
    [InlineData("4H", 4 * TimeSpan.TicksPerHour)]
    [InlineData("99999999H", 365 * TimeSpan.TicksPerDay)]
    public void GrpcTimeout_TryDecode_reads_each_unit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryDecode(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1x")]
    [InlineData("-1S")]
    [InlineData("1 S")]
    [InlineData("123456789S")]
    public void GrpcTimeout_TryDecode_refuses(string text) => Assert.False(GrpcTimeout.TryDecode(text, out _));

    [Theory]
    [InlineData("", "")]
    [InlineData("plain text: 1 + 1", "plain text: 1 + 1")]
    [InlineData("100 %", "100 %25")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("Größe €", "Gr%C3%B6%C3%9Fe %E2%82%AC")]
    public void GrpcMessage_round_trips(string message, string encoded)
    {
        Assert.Equal(encoded, GrpcMessageEncoding.Encode(message));
        Assert.Equal(message, GrpcMessageEncoding.Decode(encoded));
    }

    [Fact]
    public void GrpcMessage_Decode_keeps_what_is_not_an_escape() =>
        Assert.Equal("50% %zz %4", GrpcMessageEncoding.Decode("50% %zz %4"));

    [Fact]
    public void GrpcMessage_Encode_cuts_between_characters()
    {
        var encoded = GrpcMessageEncoding.Encode(new string('€', GrpcMessageEncoding.MaxBytes));
        Assert.Equal(new string('€', GrpcMessageEncoding.MaxBytes / 3), GrpcMessageEncoding.Decode(encoded));
    }

    [Fact]
    public void TryRead_cut_anywhere_waits_for_the_rest_and_reads_all()
    {
        var writer = new ArrayBufferWriter<byte>();
        var first = ScriptedGateway.Ping(300);
        MessageFraming.Write(writer, first, first.CalculateSize());
        MessageFraming.Write(writer, new ClientFrame(), 0);
        var bytes = writer.WrittenMemory;
        var firstBytes = MessageFraming.HeaderBytes + first.CalculateSize();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var partial = new ReadOnlySequence<byte>(bytes[..cut]);
            Assert.Equal(cut >= firstBytes, MessageFraming.HoldsMessage(partial, 100));
            Assert.Equal(cut >= firstBytes, MessageFraming.TryRead(ref partial, 100, out _));

            var whole = Segment.Split(bytes, cut);
            Assert.True(MessageFraming.TryRead(ref whole, 100, out var payload));
            Assert.Equal(first, MessageFraming.Parse(ClientFrame.Parser, payload));
            Assert.True(MessageFraming.TryRead(ref whole, 100, out payload));
            Assert.True(payload.IsEmpty);
            Assert.True(whole.IsEmpty);
        }
    }

    [Fact]
    public void TryRead_length_above_the_limit_is_refused_before_the_message_arrives()
    {
        var buffer = new ReadOnlySequence<byte>([0, 0, 0, 0, 101]);
        Assert.True(MessageFraming.HoldsMessage(buffer, 100));
        var failure = Assert.Throws<GrpcException>(() => MessageFraming.TryRead(ref buffer, 100, out _));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1:7400", "127.0.0.1:7400")]
    [InlineData("http://db.example:80/", "db.example:80")]
    [InlineData("[::1]:0", "[::1]:0")]
    [InlineData("unix:/run/shardsql.sock", "unix:/run/shardsql.sock")]
    [InlineData("INPROC:bank", "inproc:bank")]
    public void GrpcAddress_Parse_reads(string text, string expected) =>
        Assert.Equal(expected, GrpcAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData(":7400")]
    [InlineData("::1:7400")]
    [InlineData("a b:1")]
    [InlineData("host:70000")]
    [InlineData("host:-1")]
    [InlineData("unix:")]
    [InlineData("inproc:")]
    public void GrpcAddress_Parse_refuses(string text) =>
        Assert.Throws<FormatException>(() => GrpcAddress.Parse(text));

    [Fact]
    public void GrpcMethods_are_the_rpcs_of_the_published_files()
    {
        var files = new[] { GatewayReflection.Descriptor, NodeReflection.Descriptor, HealthReflection.Descriptor };
        var published = files
            .SelectMany(file => file.Services)
            .SelectMany(service => service.Methods)
            .Select(rpc => $"/{rpc.Service.FullName}/{rpc.Name} {rpc.InputType.Name} {rpc.OutputType.Name}")
            .Order(StringComparer.Ordinal);
        var ours = new[]
        {
            Describe(GrpcMethods.GatewaySession), Describe(GrpcMethods.GatewaySubmitTransaction),
            Describe(GrpcMethods.NodePeer), Describe(GrpcMethods.NodeDescribe), Describe(GrpcMethods.NodeAdopt),
            Describe(GrpcMethods.HealthCheck), Describe(GrpcMethods.HealthWatch),
        };
        Assert.Equal(published, ours.Order(StringComparer.Ordinal));
    }

    private static string Describe<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        $"{method.Path} {typeof(TRequest).Name} {typeof(TResponse).Name}";

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes, int at)
        {
            var last = new Segment(bytes[at..], at);
            var first = new Segment(bytes[..at], 0) { Next = last };
            return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        }
    }
}
