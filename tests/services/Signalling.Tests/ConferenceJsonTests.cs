using System.Text;
using JitsiMesh.Signalling.Http;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Conference requests over HTTP: read whole or refused, never half.</summary>
public sealed class ConferenceJsonTests
{
    [Theory]
    [InlineData("{\"room\":\"a@b\\ud800\"}")]
    [InlineData("{\"room\":\"a@b\",\"machineUid\":\"\\ud800\"}")]
    [InlineData("{\"room\":\"a@b\",\"properties\":{\"x\":\"\\udc00x\"}}")]
    [InlineData("{\"room\":\"a@b\",\"properties\":{\"\\ud800\":\"x\"}}")]
    [InlineData("{\"room\":5}")]
    [InlineData("{\"room\":null}")]
    [InlineData("{\"room\":[\"a@b\"]}")]
    [InlineData("{\"room\":\"a@b\",\"machineUid\":5}")]
    [InlineData("{\"room\":\"a@b\",\"sessionId\":{}}")]
    [InlineData("{\"room\":\"a@b\",\"properties\":[]}")]
    [InlineData("{\"room\":\"a@b\",\"properties\":{\"x\":{\"y\":1}}}")]
    [InlineData("{\"room\":\"a@b\",\"room\":\"c@d\"}")]
    [InlineData("{\"room\":\"a@b\",\"r\\u006fom\":\"c@d\"}")]
    [InlineData("{\"room\":\"a@b\",\"properties\":{\"x\":1,\"x\":2}}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"room\"")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    public void TryRead_Bad_SaysWhy(string json)
    {
        Assert.False(ConferenceJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryRead_DeepOrLongOrNoUnicode_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5_000));
        var many = string.Join(',', Enumerable.Range(0, SignallingLimits.ConferenceRequestProperties + 1).Select(i => $"\"p{i}\":1"));
        foreach (var json in (byte[][])[Encoding.UTF8.GetBytes($"{{\"room\":\"a@b\",\"properties\":{{\"x\":{deep}"), Encoding.UTF8.GetBytes($"{{\"room\":\"a@b\",\"properties\":{{{many}}}}}"), [.. "{\"room\":\"a@b"u8, 0xC3, 0x28, .. "\"}"u8]])
        {
            Assert.False(ConferenceJson.TryRead(json, out _, out _));
        }
    }

    [Fact]
    public void TryRead_WhatClientsSend_IsTaken()
    {
        Assert.True(ConferenceJson.TryRead("{\"room\":\"r@muc\",\"machineUid\":\"m\",\"sessionId\":null,\"unknown\":[1],\"properties\":{\"startAudioMuted\":9,\"rtcstatsEnabled\":false,\"name\":\"\\ud83d\\udc4d\",\"none\":null}}"u8.ToArray(), out var request, out _));
        var element = ConferenceJson.ToElement(request, "r@muc", "token").ToString();
        Assert.Equal("<conference xmlns=\"http://jitsi.org/protocol/focus\" room=\"r@muc\" machine-uid=\"m\" token=\"token\"><property name=\"startAudioMuted\" value=\"9\"/><property name=\"rtcstatsEnabled\" value=\"false\"/><property name=\"name\" value=\"👍\"/></conference>", element);
    }
}
