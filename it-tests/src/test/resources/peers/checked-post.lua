-- Posts 1 KiB and complains of every answer that does not tell that length.
wrk.method = "POST"
wrk.body = string.rep("x", 1024)

function response(status, headers, body)
  if status ~= 200 or body ~= "1024\n" then
    print("wrong answer: " .. status .. " " .. body)
  end
end
