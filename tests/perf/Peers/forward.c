/*
 * The peer of the forwarding benchmark: the plainest C loop that does a bridge's work on one packet. It receives SRTP (AES-128-GCM, RFC 7714)
 * with recvmmsg, decrypts each packet once, and for every receiver copies, rewrites the header, encrypts and sends with sendmmsg.
 *
 * usage: forward PORT RECEIVERS FIRST_RECEIVER_PORT KEY_HEX SALT_HEX
 * One key both ways and for all: what is measured is cipher and I/O, not key handling. It ends on SIGTERM and prints
 * "in N out N" to standard output.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, SLOT = 2048, MAX_RECEIVERS = 256, TAG = 16, HEADER = 12 };

static volatile sig_atomic_t ended;
static void on_end(int signal_number) { (void)signal_number; ended = 1; }

static int from_hex(const char *text, uint8_t *out, int length) {
    if ((int)strlen(text) != 2 * length) return 0;
    for (int i = 0; i < length; i++) {
        unsigned value;
        if (sscanf(text + 2 * i, "%2x", &value) != 1) return 0;
        out[i] = (uint8_t)value;
    }
    return 1;
}

/* RFC 7714 section 8.1: 00 00 | SSRC | ROC | SEQ, exclusive-or with the salt. */
static void make_iv(uint8_t *iv, const uint8_t *salt, const uint8_t *packet, uint32_t roc) {
    memset(iv, 0, 12);
    memcpy(iv + 2, packet + 8, 4);
    iv[6] = roc >> 24; iv[7] = roc >> 16; iv[8] = roc >> 8; iv[9] = roc;
    iv[10] = packet[2]; iv[11] = packet[3];
    for (int i = 0; i < 12; i++) iv[i] ^= salt[i];
}

int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "usage: forward PORT RECEIVERS FIRST_RECEIVER_PORT KEY_HEX SALT_HEX\n"); return 2; }
    int receivers = atoi(argv[2]), first = atoi(argv[3]);
    uint8_t key[16], salt[12];
    if (receivers < 1 || receivers > MAX_RECEIVERS || !from_hex(argv[4], key, 16) || !from_hex(argv[5], salt, 12)) return 2;
    struct sigaction action = { .sa_handler = on_end };
    sigaction(SIGTERM, &action, NULL);

    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) { perror("bind"); return 1; }

    static uint8_t in[BATCH][SLOT], out[MAX_RECEIVERS][SLOT];
    static struct mmsghdr in_headers[BATCH], out_headers[MAX_RECEIVERS];
    static struct iovec in_vectors[BATCH], out_vectors[MAX_RECEIVERS];
    static struct sockaddr_in to[MAX_RECEIVERS];
    EVP_CIPHER_CTX *opening = EVP_CIPHER_CTX_new(), *sealing[MAX_RECEIVERS];
    EVP_DecryptInit_ex(opening, EVP_aes_128_gcm(), NULL, key, NULL);
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec){ in[i], SLOT };
        in_headers[i].msg_hdr = (struct msghdr){ .msg_iov = &in_vectors[i], .msg_iovlen = 1 };
    }
    for (int i = 0; i < receivers; i++) {
        to[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(first + i), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        out_vectors[i].iov_base = out[i];
        out_headers[i].msg_hdr = (struct msghdr){ .msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &out_vectors[i], .msg_iovlen = 1 };
        sealing[i] = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(sealing[i], EVP_aes_128_gcm(), NULL, key, NULL);
    }
    printf("ready\n");
    fflush(stdout);

    uint64_t received = 0, sent = 0;
    uint32_t roc = 0;
    uint16_t last = 0;
    while (!ended) {
        int n = recvmmsg(fd, in_headers, BATCH, MSG_WAITFORONE, NULL);
        if (n <= 0) continue;
        for (int p = 0; p < n; p++) {
            uint8_t *packet = in[p], iv[12];
            int length = (int)in_headers[p].msg_len, done, payload = length - HEADER - TAG;
            if (payload < 0) continue;
            uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);
            if (received > 0 && sequence < 1000 && last > 64535) roc++;
            last = sequence;
            make_iv(iv, salt, packet, roc);
            EVP_DecryptInit_ex(opening, NULL, NULL, NULL, iv);
            EVP_DecryptUpdate(opening, NULL, &done, packet, HEADER);
            EVP_DecryptUpdate(opening, packet + HEADER, &done, packet + HEADER, payload);
            EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_GCM_SET_TAG, TAG, packet + HEADER + payload);
            if (EVP_DecryptFinal_ex(opening, packet + HEADER + payload, &done) != 1) continue;
            received++;
            for (int r = 0; r < receivers; r++) {
                uint8_t *copy = out[r];
                memcpy(copy, packet, (size_t)(HEADER + payload));
                copy[8] = (uint8_t)r;
                make_iv(iv, salt, copy, roc);
                EVP_EncryptInit_ex(sealing[r], NULL, NULL, NULL, iv);
                EVP_EncryptUpdate(sealing[r], NULL, &done, copy, HEADER);
                EVP_EncryptUpdate(sealing[r], copy + HEADER, &done, copy + HEADER, payload);
                EVP_EncryptFinal_ex(sealing[r], copy + HEADER + payload, &done);
                EVP_CIPHER_CTX_ctrl(sealing[r], EVP_CTRL_GCM_GET_TAG, TAG, copy + HEADER + payload);
                out_vectors[r].iov_len = (size_t)length;
            }
            for (int done_count = 0; done_count < receivers;) {
                int s = sendmmsg(fd, out_headers + done_count, (unsigned)(receivers - done_count), 0);
                if (s <= 0) break;
                done_count += s;
                sent += (uint64_t)s;
            }
        }
    }
    printf("in %llu out %llu\n", (unsigned long long)received, (unsigned long long)sent);
    return 0;
}
