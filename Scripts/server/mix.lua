-- A mix of queries for wrk, at a rate or as fast as answers come, with the time of each answer by its kind and status.
--
--   wrk … -s mix.lua URL -- INDEX QUERIES KINDS RATE FIGURES
--
-- QUERIES is a file of texts, KINDS are of bm25, free (learned, inference-free), bare (the same without texts), encoded, filter, plain (as the server likes), RATE is requests a second of this thread (0: as fast as
-- possible), FIGURES a file to append a line to. The time of sending travels in X-Request-ID and comes back.
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long sec; long nsec; } timespec_t; int clock_gettime(int, timespec_t *); ]]
local spec = ffi.new("timespec_t")
local function now()
    ffi.C.clock_gettime(1, spec)
    return tonumber(spec.sec) * 1e6 + tonumber(spec.nsec) / 1e3
end

local threads = {}
function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

local queries, kinds, name, connections = {}, {}, "", 0
-- Counts by kind and logarithmic bucket of 1 %, and by status; the keys are texts, as wrk hands no others from thread to thread.
counts, rate = {}, 0

local function escaped(text)
    return (text:gsub("[^%w]", function(byte) return string.format("%%%02X", byte:byte()) end))
end

function init(arguments)
    name = arguments[1]
    for line in io.lines(arguments[2]) do table.insert(queries, line) end
    for kind in arguments[3]:gmatch("%w+") do table.insert(kinds, kind) end
    rate = tonumber(arguments[4])
    figures = arguments[5]
    math.randomseed(17 + number)
    -- A client that waits for answers sends less when they are late; think times that are long beside them hide that.
    if rate > 0 then delay = function() return math.floor(-math.log(1 - math.random()) / rate * 1000 + math.random()) end end
end

local function identified() return { ["X-Request-ID"] = kind .. "-" .. string.format("%.0f", now()) } end

function request()
    kind = kinds[math.random(#kinds)]
    local text = queries[math.random(#queries)]
    if kind == "filter" then
        local body = '{"size":10,"query":{"bool":{"must":{"match":{"text":"' .. text:gsub('[\\"%c]', " ") .. '"}},"must_not":{"ids":{"values":["4983","5836"]}}}}}'
        return wrk.format("POST", "/" .. name .. "/_search", identified(), body)
    end
    if kind == "bare" then
        local body = '{"size":10,"_source":false,"query":{"neural_sparse":{"learned":{"query_text":"' .. text:gsub('[\\"%c]', " ") .. '"}}}}'
        return wrk.format("POST", "/" .. name .. "/_search?query_side=inference-free", identified(), body)
    end
    local modes = { bm25 = "&mode=bm25", free = "&mode=splade&query_side=inference-free", encoded = "&mode=splade&query_side=siamese", plain = "" }
    return wrk.format("GET", "/v1/" .. name .. "/search?hits=10" .. modes[kind] .. "&query=" .. escaped(text), identified())
end

function response(status, headers)
    local id = headers["X-Request-ID"] or ""
    local kind, sent = id:match("^(%w+)%-(%d+)$")
    local key = "status " .. status
    counts[key] = (counts[key] or 0) + 1
    if status == 200 and sent then
        local bucket = math.floor(math.log(math.max(1, now() - tonumber(sent))) / math.log(1.01))
        key = kind .. " " .. bucket
        counts[key] = (counts[key] or 0) + 1
    end
end

function done(summary)
    local all, statuses, figures = {}, {}, nil
    for _, thread in ipairs(threads) do
        figures = thread:get("figures")
        for key, count in pairs(thread:get("counts")) do
            local kind, number = key:match("^(%w+) (%d+)$")
            number = tonumber(number)
            if kind == "status" then
                statuses[number] = (statuses[number] or 0) + count
            else
                for _, name in ipairs({ kind, "all" }) do
                    all[name] = all[name] or {}
                    all[name][number] = (all[name][number] or 0) + count
                end
            end
        end
    end
    local function share(buckets, part)
        local order, total, below = {}, 0, 0
        for bucket, count in pairs(buckets) do
            table.insert(order, bucket)
            total = total + count
        end
        table.sort(order)
        for _, bucket in ipairs(order) do
            below = below + buckets[bucket]
            if below >= total * part then return 1.01 ^ (bucket + 0.5) / 1000 end
        end
        return 0
    end
    local parts = {}
    for kind, buckets in pairs(all) do
        local count = 0
        for _, number in pairs(buckets) do count = count + number end
        table.insert(parts, string.format('"%s":{"count":%d,"p50":%.3f,"p95":%.3f,"p99":%.3f}', kind, count, share(buckets, 0.5), share(buckets, 0.95), share(buckets, 0.99)))
    end
    local states = {}
    for status, count in pairs(statuses) do table.insert(states, string.format('"%d":%d', status, count)) end
    local errors = summary.errors
    local file = io.open(figures, "a")
    file:write(string.format('{"seconds":%.3f,"times":{%s},"statuses":{%s},"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d}}\n', summary.duration / 1e6,
        table.concat(parts, ","), table.concat(states, ","), errors.connect, errors.read, errors.write, errors.timeout))
    file:close()
end
